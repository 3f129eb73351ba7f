import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../host/disk/atomic.ts'
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

/** The daemon of this runtime home as it wrote itself down at its start, while it lives. */
export function runningDaemon({ daemon }: Paths): ProcessId | undefined {
  const id = existsSync(daemon) ? parseProcess(readFileSync(daemon, 'utf8')) : undefined
  return id !== undefined && isAlive(id) ? id : undefined
}

/** Writes down that this process is the daemon. */
export function recordDaemon({ daemon }: Paths): void {
  writeAtomically(daemon, JSON.stringify(processId(process.pid)), 'volatile')
}

function parseProcess(text: string): ProcessId | undefined {
  const [, pid, startTime] = /^\{"pid":(\d+),"startTime":(\d+)\}$/.exec(text) ?? []
  return pid === undefined ? undefined : { pid: Number(pid), startTime: Number(startTime) }
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
