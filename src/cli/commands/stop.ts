import { askControl } from '../../control/client.ts'
import { startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import { runningDaemon } from '../../control/daemon-record.ts'
import { type Paths, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { hasLeftovers } from '../../operations/module/leftovers.ts'
import type { Result } from '../output.ts'

export async function run(): Promise<Result> {
  return await stop(pathsOf(runtimeHome()))
}

async function stop(paths: Paths): Promise<Result> {
  const asked = await askControl(paths.control, 'POST /stop')
  // A daemon that was killed leaves workers and nginx behind; a new one takes them over and ends them in order.
  if (asked === undefined && hasLeftovers(paths)) {
    await startDaemon(paths)
    await askControl(paths.control, 'POST /stop')
  } else if (asked === undefined) {
    return { data: { status: 'STOPPED' }, text: 'mfserv does not run.' }
  }
  // Requests under way may finish first; nginx gets half a minute, a worker its graceful_timeout.
  const left = await untilReport(paths, () => false)
  const isStopped = left === undefined && (await hasEnded(paths))
  return isStopped
    ? { data: { status: 'STOPPED' }, text: 'mfserv is STOPPED.' }
    : { data: left ?? null, text: `mfserv is still ${left?.status ?? 'STOPPING'}. What goes on: mfserv.status`, exitCode: 1 }
}

/** The daemon answers no more before it has ended. Whoever removes the runtime home next must not meet it. */
async function hasEnded(paths: Paths): Promise<boolean> {
  const daemon = runningDaemon(paths)
  return daemon === undefined || (await untilProcessEnded(daemon)) === 'ended'
}
