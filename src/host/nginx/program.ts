import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { NginxMachine } from '../../nginx/machine.ts'
import { Problem } from '../../problem.ts'
import { look, type Stillness } from '../../worker/stillness.ts'
import { exactStampsOf } from '../disk/stamps.ts'
import type { Paths } from '../home/paths.ts'
import { steadyNow } from '../process/clock.ts'
import { effortOf } from '../process/proc.ts'
import { librariesBelow } from '../programs/libraries.ts'
import { hasIpv6 } from './ipv6.ts'
import { luaOf, luaRoot } from './lua.ts'

/** An nginx on this machine that is new enough. */
export interface NginxProgram {
  readonly path: string
  /** Added to its environment: where the libraries are that were unpacked with it. */
  readonly env: Readonly<Record<string, string>>
  readonly version: string
  readonly machine: NginxMachine
}

/** Upstream connections bounded in age (`keepalive_time`) exist since this version. */
const OLDEST = [1, 19, 10] as const
/** More is of no use for the connections that mfserv allows, and a hard limit may be a billion. */
const MAX_OPEN_FILES = 65_536
/** An nginx that does nothing for so long hangs. It may be looking up host names of a plugin's fragment. */
const STILL_MS = 60_000
const LOOK_MS = 500
const PIPE_CLOSES_WITHIN_MS = 300

/**
 * Told to the C library of nginx. For each `map` and `geo` nginx takes more than a megabyte for a moment; as a rule the C library
 * gives it back to the system each time, and has it cleared anew for the next. See docs/decisions/0028-what-a-test-run-may-cost.md.
 */
const KEPT_MEMORY = { MALLOC_MMAP_THRESHOLD_: `${1 << 20}`, MALLOC_TRIM_THRESHOLD_: `${4 << 20}` }

/** PATH, and where nginx is although PATH of an ordinary user does not say so. */
function usualPlaces(): readonly string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
}

/**
 * The first nginx in `places`, then where mfserv unpacks it for an ordinary user, that is new enough. Throws the Problem
 * NGINX_MISSING.
 */
export function findNginx(paths: Paths, places = usualPlaces()): NginxProgram {
  const directories = [...places, join(paths.opt, 'nginx/usr/sbin')].filter((directory) => directory.startsWith('/'))
  const programs = [...new Set(directories.map((directory) => join(directory, 'nginx')))]
  const refused: string[] = []
  for (const path of programs.filter((program) => existsSync(program))) {
    const env = librariesOf(path, paths)
    const text = describedBy(path, env)
    const version = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1, 4)
    if (version !== undefined && isNewEnough(version.map(Number))) {
      return {
        path,
        env,
        version: version.join('.'),
        machine: {
          version: version.map(Number),
          modules: modulesIn(text),
          lua: luaOf(text, paths),
          openFiles: openFiles(),
          hasIpv6: hasIpv6(),
        },
      }
    }
    refused.push(`${path} ${version === undefined ? 'does not run' : `is version ${version.join('.')}`}`)
  }
  const found = refused.length === 0 ? `looked for it in ${programs.map(dirname).join(', ')}` : refused.join(', ')
  throw new Problem(
    'NGINX_MISSING',
    `no nginx of version ${OLDEST.join('.')} or newer: ${found}`,
    'Install it (Debian: apt-get install nginx-light), or type "mfserv setup", which gets it from Debian, without root too.',
  )
}

/** What each program that is looked at in this process says of itself, by all that it depends on: it is asked at every publication. */
const described = new Map<string, string>()

function describedBy(path: string, env: NodeJS.ProcessEnv): string {
  const key = JSON.stringify([exactStampsOf([path]), env])
  const known = described.get(key)
  if (known !== undefined) return known
  const said = spawnSync(path, ['-V'], { encoding: 'utf8', env: { ...process.env, ...env } })
  if (said.status === 0) described.set(key, said.stderr)
  return said.stderr ?? ''
}

export type Proof = { readonly is: 'accepted' } | { readonly is: 'refused'; readonly output: string }

/** What `nginx -t` says about a file. Nothing that runs is touched. */
export async function proveConfiguration(program: NginxProgram, file: string): Promise<Proof> {
  const { code, output } = await runNginx(program, ['-t', '-q', ...placeArguments(file, 'stderr')])
  return code === 0 ? { is: 'accepted' } : { is: 'refused', output: output || `nginx -t ended with ${code ?? 'a signal'}` }
}

/** The arguments of every start; the process title of the master shows them in this order. */
export function placeArguments(confFile: string, errorLog: string): readonly string[] {
  return ['-p', dirname(confFile), '-c', confFile, '-e', errorLog]
}

/** Runs nginx until it ends or detaches itself. `code` is null when it had to be killed because it did nothing for `stillMs`. */
export function runNginx(
  program: NginxProgram,
  args: readonly string[],
  stillMs = STILL_MS,
): Promise<{ readonly code: number | null; readonly output: string }> {
  // nginx takes the variable NGINX for a list of inherited sockets.
  const { NGINX: _inherited, ...inherited } = process.env
  const env = { ...KEPT_MEMORY, ...inherited, ...program.env }
  return new Promise((resolve, reject) => {
    const child = spawn(program.path, args, {
      cwd: '/',
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let seen: Stillness | undefined
    const watch = setInterval(() => {
      seen = look(seen, effortOf(child.pid ?? 0), steadyNow())
      if (seen.stillMs >= stillMs) child.kill('SIGKILL')
    }, LOOK_MS)
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const finish = (): void => {
      clearInterval(watch)
      child.stderr.destroy()
      resolve({ code: child.exitCode, output: output.trim() })
    }
    child.once('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
    child.once('close', finish)
    // An nginx that detached itself may still hold the pipe when the process we started has ended.
    child.once('exit', () => setTimeout(finish, PIPE_CLOSES_WITHIN_MS).unref())
  })
}

/** For an nginx that was unpacked, not installed, or a Lua module that was. */
function librariesOf(path: string, paths: Paths): Readonly<Record<string, string>> {
  const own = join(paths.opt, 'nginx')
  const roots = [...(path.startsWith(`${own}/`) ? [own] : []), luaRoot(paths)]
  const found = roots.flatMap((root) => librariesBelow(root)['LD_LIBRARY_PATH'] ?? [])
  return found.length === 0 ? {} : { LD_LIBRARY_PATH: found.join(delimiter) }
}

function isNewEnough(version: readonly number[]): boolean {
  const difference = OLDEST.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0)
  return (difference ?? 0) >= 0
}

function modulesIn(described: string): ReadonlySet<string> {
  return new Set([...described.matchAll(/--with-(\w+_module)(?!\S)/g)].map(([, name = '']) => name))
}

function openFiles(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return Math.min(MAX_OPEN_FILES, Number(hard) || MAX_OPEN_FILES)
}
