import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { askControl } from '../daemon/control.ts'
import type { StatusReport } from '../daemon/protocol.ts'
import { Problem } from '../problem.ts'
import { MFSERV_HOME, type Paths } from './paths.ts'
import { lastOutput } from './worker-log.ts'

const LOOK_MS = 25

/** Starts the daemon in a session of its own and answers once it serves its control socket. */
export async function startDaemon(paths: Paths, withinMs: number): Promise<StatusReport> {
  mkdirSync(paths.log, { recursive: true })
  const logFile = join(paths.log, 'mfserv.log')
  const output = openSync(logFile, 'a', 0o644)
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

/** Waits until the report satisfies `isDone`; answers the last report, undefined once no daemon answers. */
export async function untilReport(
  paths: Paths,
  isDone: (report: StatusReport) => boolean,
  withinMs: number,
): Promise<StatusReport | undefined> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const report = await askControl(paths.control, 'GET /status')
    if (report === undefined || isDone(report) || performance.now() >= deadline) return report
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
