import { spawn } from 'node:child_process'
import { closeSync, fstatSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { closeHome } from '../host/home/close-home.ts'
import { ownCommand } from '../host/home/own-command.ts'
import type { Paths } from '../host/home/paths.ts'
import { lastOutput } from '../host/logs/last-output.ts'
import { openLog } from '../host/logs/log-file.ts'
import { steadyNow } from '../host/process/clock.ts'
import { effortOf, effortOfSession, isAlive, processId } from '../host/process/proc.ts'
import { Problem } from '../problem.ts'
import type { Millis } from '../time.ts'
import type { ProcessId } from '../worker/state.ts'
import { look, type Stillness } from '../worker/stillness.ts'
import { askControl } from './client.ts'
import { daemonRecord } from './daemon-record.ts'
import type { PluginReport, SlotReport, StatusReport } from './protocol.ts'

const LOOK_MS = 25
/** What takes long is looked at less often: a look costs the daemon a whole report. */
const MOST_LOOK_MS = 250
/** A process that does nothing for so long gets no further by itself. */
const STILL_MS = 30_000
/** Of a daemon that does not say it yet. */
const PATIENCE_MS = 120_000

export interface DaemonStart {
  /** So long it may do nothing. */
  readonly stillMs?: number
  readonly succession?: Succession
}

/** It is to take the place of a daemon that runs. Another that has done so in this moment is as good, if it runs this code. */
export interface Succession {
  /** What the new one runs, by `runningCode`. */
  readonly code: string
  /** The pid of the one that runs. */
  readonly before: number
  /** Also when that one runs the same. */
  readonly evenSame: boolean
  /** Whether that one is a service of systemd, as the new one has to be then. */
  readonly isService: boolean
}

/**
 * Starts the daemon in a session of its own and answers once it serves its control socket, and once it supervises when another
 * did that before; however long that takes on a slow machine. Throws DAEMON_DOWN when it has ended, or does nothing any more.
 */
export async function startDaemon(paths: Paths, { stillMs = STILL_MS, succession }: DaemonStart = {}): Promise<StatusReport> {
  closeHome(paths)
  const logFile = join(paths.log, 'mfserv.log')
  const output = openLog(logFile)
  const offset = fstatSync(output).size
  const command = [process.execPath, ...ownCommand('mfserv', 'daemon', ...wordsOf(succession))] as const
  const child = (await inService(paths, command, succession)) ?? spawnHere(paths, command, output)
  closeSync(output)
  const began = steadyNow()
  let seen: Stillness | undefined
  let before: number | undefined
  let ended = false
  do {
    // Before the question: what has come up and ended meanwhile is asked again.
    ended = child.hasEnded()
    const report = await askControl(paths.control, 'GET /status')
    const isThere = report?.daemon.pid === child.pid && (succession === undefined || supervises(paths, child.pid))
    const isOthers = ended && isAsGood(report, succession)
    if (report !== undefined && (isThere || isOthers)) return report
    if (ended) {
      before = report?.daemon.pid ?? undefined
      break
    }
    seen = look(seen, effortOfSession(child.pid ?? 0), steadyNow())
    await delay(nextLookMs(began))
  } while (seen.stillMs < stillMs)
  const said = lastOutput(logFile, offset)
  const goesOn = before === undefined ? '' : `; the one before it goes on (process ${before})`
  const how = ended ? 'ended at once' : `did not come up and does nothing any more (process ${child.pid})`
  throw new Problem(
    'DAEMON_DOWN',
    `the ${succession === undefined ? '' : 'new '}mfserv daemon ${how}${goesOn}${said === '' ? '' : `; it said:\n${said}`}`,
    'Fix what it says, then: mfserv.start',
    { file: logFile },
  )
}

/** A new daemon that may not answer yet. */
interface Child {
  readonly pid: number | undefined
  readonly hasEnded: () => boolean
}

type Command = readonly [program: string, ...words: string[]]

function spawnHere({ runtimeHome: cwd }: Paths, [program, ...words]: Command, output: number): Child {
  const child = spawn(program, words, { cwd, detached: true, stdio: ['ignore', output, output] })
  let ended = false
  const end = (): void => {
    ended = true
  }
  child.on('exit', end)
  child.on('error', end)
  child.unref()
  return { pid: child.pid, hasEnded: () => ended }
}

/** The daemon of a service starts the next one itself. Undefined where there is none. */
async function inService(paths: Paths, command: Command, succession: Succession | undefined): Promise<Child | undefined> {
  if (succession?.isService !== true) return undefined
  const answer = await askControl(paths.control, 'POST /successor', { command: JSON.stringify(command) })
  if (answer?.is !== 'started') return undefined
  const id = processId(answer.pid)
  return { pid: answer.pid, hasEnded: () => id === undefined || !isAlive(id) }
}

function wordsOf(succession: Succession | undefined): readonly string[] {
  if (succession === undefined) return []
  return succession.evenSame ? ['--take-over', '--even-same'] : ['--take-over']
}

function isAsGood(report: StatusReport | undefined, succession: Succession | undefined): boolean {
  if (succession === undefined || report === undefined) return false
  return report.daemon.code === succession.code && report.daemon.pid !== succession.before
}

function supervises(paths: Paths, pid: number | undefined): boolean {
  const record = daemonRecord(paths)
  return record?.process.pid === pid && record?.phase === 'supervising'
}

/** Waits until a process has ended; `still there` when it does nothing for `stillMs`. */
export async function untilProcessEnded(id: ProcessId, stillMs = STILL_MS): Promise<'ended' | 'still there'> {
  let seen: Stillness | undefined
  while (isAlive(id)) {
    seen = look(seen, effortOf(id.pid), steadyNow())
    if (seen.stillMs >= stillMs) return 'still there'
    await delay(LOOK_MS)
  }
  return 'ended'
}

/**
 * Waits until the report satisfies `isDone`; answers the last report, undefined once no daemon answers. The daemon itself ends
 * what takes too long, so it is waited for as long as it says that nothing may move (`patienceMs`); whatever moves in what
 * `about` chooses begins that time anew.
 */
export async function untilReport(
  paths: Paths,
  isDone: (report: StatusReport) => boolean,
  about: (report: StatusReport) => unknown = everything,
): Promise<StatusReport | undefined> {
  const began = steadyNow()
  let seen: Stillness | undefined
  for (;;) {
    const report = await askControl(paths.control, 'GET /status')
    if (report === undefined || isDone(report)) return report
    seen = look(seen, JSON.stringify(about(report)) ?? '', steadyNow())
    if (seen.stillMs >= (report.patienceMs ?? PATIENCE_MS)) return report
    await delay(nextLookMs(began))
  }
}

function nextLookMs(began: Millis): number {
  return Math.min(MOST_LOOK_MS, Math.max(LOOK_MS, (steadyNow() - began) / 20))
}

/** What moves in one plugin, and in its candidate, while it comes or goes; how busy it is does not count. */
export function ofPlugin(name: string): (report: StatusReport) => unknown {
  return ({ plugins, candidates, nginx }) => [
    plugins.filter((plugin) => plugin.name === name).map(movement),
    candidates.filter(({ plugin }) => plugin === name),
    nginx.reloads,
  ]
}

/** A plugin that fails again and again is decided: that is no movement which others wait for. */
function everything({ status, plugins, candidates, nginx }: StatusReport): unknown {
  const undecided = plugins.filter(({ state, leaving }) => state === 'starting' || leaving > 0 || status === 'STOPPING')
  return [status, undecided.map(movement), candidates, nginx.pid, nginx.problem]
}

function movement({ name, home, state, leaving, apps, daemons }: PluginReport): unknown {
  const slots = [...apps, ...daemons].flatMap((part): readonly SlotReport[] => part.slots)
  return [name, home, state, leaving, slots.map(({ actual, pid, generation, failures }) => [actual, pid, generation, failures])]
}
