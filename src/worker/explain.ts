import type { Where } from '../problem.ts'
import { reasonText } from './reason.ts'
import type { FailureReason, OverLimit } from './state.ts'

/** A worker that failed, and what is known of it. */
export interface FailedWorker {
  /** `app main`. */
  readonly owner: string
  /** Of an app. */
  readonly type: string | undefined
  /** The directory of its plugin. */
  readonly home: string
  readonly reason: FailureReason
  /** What kept it in. */
  readonly sandbox?: 'home' | 'strict' | undefined
  /** The last lines it wrote. */
  readonly output: string
  readonly section: Where
  /** The line with its command, or with what it begins with. */
  readonly entry: Where
}

export interface Explanation {
  readonly message: string
  readonly fix: string
  readonly where: Where
}

const AGAIN = 'A change of its files is tried at once.'

/** What a person has to change, as far as it shows in how the worker ended and in what it wrote; and where. */
export function explainFailure(failed: FailedWorker): Explanation {
  const { owner, reason, output, home, section, entry } = failed
  const message = `a worker of ${owner} failed: ${reasonText(reason)}`
  const program = programFault(reason, output)
  if (program !== undefined) return { ...program, message: `a worker of ${owner} failed: ${program.message}`, where: entry }
  if (reason.kind === 'not-ready' && reason.listensOn !== undefined) {
    return { message, fix: `${insteadOf(failed.type)}\n${AGAIN}`, where: entry }
  }
  const kept = keptFrom(failed)
  if (kept !== undefined) return { message, fix: `${kept}\n${AGAIN}`, where: placeInside(output, home) ?? section }
  const taken = takenPort(output, failed.type)
  if (taken !== undefined) return { message, fix: `${taken}\n${AGAIN}`, where: entry }
  const where = placeInside(output, home)
  const missing = missingPackage(output)
  if (missing !== undefined) return { message, fix: `${missing} ${AGAIN}`, where: where ?? section }
  if (where !== undefined) return { message, fix: `Fix what its output tells, in that line or behind it. ${AGAIN}`, where }
  if (reason.kind === 'exited' && reason.exit.code === 0) {
    const stay = `It must not end by itself: let it stay in the foreground, and end on SIGTERM. ${AGAIN}`
    return { message, fix: stay, where: entry }
  }
  if (reason.kind === 'not-ready') {
    const first = output === '' ? listenOn(failed.type) : `Look in its output what it waits for. ${listenOn(failed.type)}`
    return { message, fix: `${first}\n${longer(owner, reason.afterMs)}\n${AGAIN}`, where: output === '' ? entry : section }
  }
  if (reason.kind === 'over-limit') return { message, fix: lessOrMore(owner, reason), where: section }
  if (reason.kind === 'hung') {
    const fix = `Look for a lock that is never freed, an endless loop, or a request that takes longer than the key timeout. ${AGAIN}`
    return { message, fix, where: section }
  }
  return { message, fix: `Fix what its output tells, or its section there. ${AGAIN}`, where: section }
}

/** The program itself is not there, or may not be run: what spawn says, and what the programs say that set limits and the sandbox before. */
function programFault(reason: FailureReason, output: string): Omit<Explanation, 'where'> | undefined {
  const said = reason.kind === 'not-started' ? reason.message : reason.kind === 'exited' ? output : ''
  const [, spawned, code] = /^spawn (.+) (ENOENT|EACCES)$/m.exec(said) ?? []
  const [, limited, why] =
    /^(?:prlimit|mfserv sandbox): failed to execute (.+): (No such file or directory|Permission denied)$/m.exec(said) ?? []
  const [, entered, refused] = /^(?:\/bin\/)?sh: \d+: exec: (.+): (not found|Permission denied)$/m.exec(said) ?? []
  const program = spawned ?? limited ?? entered
  if (program === undefined) return undefined
  const file = program.includes('/') ? program : `bin/${program}`
  if (code === 'EACCES' || [why, refused].includes('Permission denied')) {
    return { message: `the program ${program} may not be executed`, fix: `chmod +x ${file}` }
  }
  const place = program.includes('/') ? '' : ' in bin or on PATH'
  const interpreter = `If it is there, the program in its first line (#!) is not, or that line has Windows line ends.`
  return { message: `there is no program ${program}${place}`, fix: `Create ${file}, or correct the command. ${interpreter}` }
}

/** What the sandbox refused it, as far as its output shows, and the setting that would allow it. */
function keptFrom({ sandbox, output, home }: FailedWorker): string | undefined {
  if (sandbox === undefined) return undefined
  const said = output.split('\n').find((line) => REFUSED.test(line) || HIDDEN.test(line)) ?? ''
  const path = /(\/(?!\/)[^\s'":,;()<>]+)/.exec(said)?.[1]
  if (path !== undefined && !said.includes(`${home}/`)) {
    const own = 'Let it keep its data below MFSERV_CURRENT_PLUGIN_DATA_DIR and what may be gone some day below TMPDIR.'
    return `The sandbox (${sandbox}) may keep ${path} from it: a plugin sees no other one, nobody's home, and a system that it can only read. ${own} Or the administrator writes the path at read, or at write, of [sandbox].`
  }
  if (sandbox === 'strict' && NO_NETWORK.test(output)) {
    return 'The sandbox (strict) leaves it no network. If it needs one, the administrator writes the name of the plugin at home of [sandbox].'
  }
  return undefined
}

const REFUSED = /EROFS|EACCES|EPERM|Read-only file system|Permission denied|Operation not permitted/
/** What is not there, at a place where a sandbox shows nothing. */
const HIDDEN = /(?:ENOENT|No such file or directory).*['" ]\/(?:home|root|run|var\/tmp|tmp)\//
const NO_NETWORK = /EACCES|Permission denied|Network is unreachable|Temporary failure in name resolution|ENETUNREACH|EAI_AGAIN/

/** The last line of the plugin that a Python traceback names, or the first of a Node stack; also of a message that begins with one. */
function placeInside(output: string, home: string): Where | undefined {
  const inside = `${home.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/(?!local/|node_modules/)`
  const python = [...output.matchAll(new RegExp(`File "(${inside}[^"\n]+)", line (\\d+)`, 'g'))]
  const others = [...output.matchAll(new RegExp(`(${inside}[^\n:()"]+):(\\d+)(?!\\d)`, 'g'))]
  const [, file, line] = python.at(-1) ?? others[0] ?? []
  return file === undefined ? undefined : { file, line: Number(line) }
}

/** Of Node; what Python says of a missing module has the fix in it. */
function missingPackage(output: string): string | undefined {
  const name = /Cannot find (?:module|package) '((?:@[\w.-]+\/)?[\w-][\w.-]*)/.exec(output)?.[1]
  return name === undefined
    ? undefined
    : `The package "${name}" is not installed: add it to package.json ("npm install ${name}" does it) and run make.`
}

/** Twice as long is a beginning. */
function longer(owner: string, afterMs: number): string {
  const line = `start_timeout = ${Math.max(2, Math.round(afterMs / 500))}`
  return `If it only needs longer to start, write ${line} below [${owner.replace(' ', '_')}].`
}

/** A limit below what it needs to start fails it again and again. */
function lessOrMore(owner: string, { what, of }: OverLimit): string {
  const section = of === 'plugin' ? 'general' : owner.replace(' ', '_')
  const key = what === 'memory' ? 'memory_max' : 'tasks_max'
  const looks = what === 'memory' ? 'what it keeps in memory' : 'what it starts and never ends'
  return `If it needs that much, write a larger ${key} below [${section}]. If not, look for ${looks}. ${AGAIN}`
}

function listenOn(type: string | undefined): string {
  if (type === 'command')
    return 'Let it answer HTTP where main_arg tells it: on the unix socket that stands for {unix_socket_path}, or on 127.0.0.1 at the port that stands for {port}.'
  if (type === 'node')
    return 'Let it listen: mfserv gives its socket to the first server of node:http, whatever port that asks for; argv[2] is its path.'
  return 'Find out what it waits for while it starts.'
}

/** What makes a server that listens on a port of its own choice one that is reached. */
function insteadOf(type: string | undefined): string {
  if (type === 'command') {
    return 'Let it listen where main_arg tells it. Write {port} there if it only knows a TCP port, or env PORT={port} in front of it if it reads the variable PORT.'
  }
  if (type === 'node') {
    return 'mfserv gives its socket to the first server of node:http in the process itself. For any other (HTTP/2, TLS, a child process) write type = command and main_arg = env PORT={port} node FILE.'
  }
  return 'mfserv serves the application itself: leave out the call that starts a server, such as app.run(), or keep it below if __name__ == "__main__".'
}

/** Node, Go, Java, Ruby and Python each say it in words of their own; the number stands near them or nowhere. */
function takenPort(output: string, type: string | undefined): string | undefined {
  const said = /^.*(?:EADDRINUSE|address already in use).*$/im.exec(output)
  if (said === null) return undefined
  const [line] = said
  const port = /[:\s](\d{2,5})(?!\d)(?!.*:\d)/.exec(line.replace(/\[?(Err|errno) ?-?\d+\]?/gi, ''))?.[1]
  const what = port === undefined ? 'Its port is taken' : `Port ${port} is taken`
  const own =
    type === 'command'
      ? 'let it listen where main_arg tells it ({port} is free for each worker)'
      : 'let it take any that is free (0)'
  return `${what}: by another program, by another worker of the app, or by the worker before, which goes on until the new one answers. Two workers cannot share a port of their own choice: ${own}, or move that server into an [extra_daemon_NAME].`
}
