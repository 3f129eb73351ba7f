import { spawn } from 'node:child_process'
import { closeSync, fstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeAtomically } from '../host/disk/atomic.ts'
import { directoryIdentity } from '../host/disk/directory-identity.ts'
import { readJson } from '../host/disk/read-json.ts'
import { MFSERV_HOME, type Paths } from '../host/home/paths.ts'
import { lastOutput } from '../host/logs/last-output.ts'
import { openLog } from '../host/logs/log-file.ts'
import { isAlive, processId } from '../host/process/proc.ts'
import { Problem } from '../problem.ts'
import type { ProcessId } from '../worker/state.ts'
import { askControl } from './client.ts'
import type { StatusReport } from './protocol.ts'

const LOOK_MS = 25
/** What takes long is looked at less often: a look costs the daemon a whole report. */
const MOST_LOOK_MS = 250

/** Starts the daemon in a session of its own and answers once it serves its control socket. */
export async function startDaemon(paths: Paths, withinMs: number): Promise<StatusReport> {
  const logFile = join(paths.log, 'mfserv.log')
  const output = openLog(logFile)
  const offset = fstatSync(output).size
  const child = spawn(process.execPath, [join(MFSERV_HOME, 'src/cli/main.ts'), 'mfserv', 'daemon'], {
    cwd: paths.runtimeHome,
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  let ended = false
  child.on('exit', () => {
    ended = true
  })
  child.on('error', () => {
    ended = true
  })
  child.unref()
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    const report = await askControl(paths.control, 'GET /status')
    if (report !== undefined && report.daemon.pid === child.pid) return report
    if (ended) break
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  const said = lastOutput(logFile, offset)
  throw new Problem(
    'DAEMON_DOWN',
    `the mfserv daemon ${ended ? 'ended at once' : 'did not come up'}${said === '' ? '' : `; it said:\n${said}`}`,
    'Mend what it says, then: mfserv.start',
    { file: logFile },
  )
}

/** The daemon of this runtime home as it wrote itself down at its start, while it lives; never that of a home it was copied from. */
export function runningDaemon({ daemon }: Paths): ProcessId | undefined {
  const written = readJson(daemon)
  if (!isProcess(written)) return undefined
  const { pid, startTime, writtenIn } = written
  const isOwn = writtenIn === undefined || writtenIn === directoryIdentity(dirname(daemon))
  return isOwn && isAlive({ pid, startTime }) ? { pid, startTime } : undefined
}

/** Writes down that this process is the daemon. */
export function recordDaemon({ daemon }: Paths): void {
  const written = { ...processId(process.pid), writtenIn: directoryIdentity(dirname(daemon)) }
  writeAtomically(daemon, JSON.stringify(written), 'volatile')
}

function isProcess(value: unknown): value is ProcessId & { readonly writtenIn?: string } {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value
}

/** Waits until the report satisfies `isDone`; answers the last report, undefined once no daemon answers. */
export async function untilReport(
  paths: Paths,
  isDone: (report: StatusReport) => boolean,
  withinMs: number,
): Promise<StatusReport | undefined> {
  const began = performance.now()
  for (;;) {
    const report = await askControl(paths.control, 'GET /status')
    const taken = performance.now() - began
    if (report === undefined || isDone(report) || taken >= withinMs) return report
    await new Promise((resolve) => setTimeout(resolve, Math.min(MOST_LOOK_MS, Math.max(LOOK_MS, taken / 20))))
  }
}
