import { askControl } from '../../control/client.ts'
import { startDaemon, untilProcessEnded, untilReport } from '../../control/daemon-process.ts'
import { runningDaemon } from '../../control/daemon-record.ts'
import type { StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { serviceOf, stopService } from '../service/through-unit.ts'
import { hasLeftovers } from './leftovers.ts'

export type ModuleStopped =
  | { readonly is: 'stopped' }
  | { readonly is: 'not running' }
  /** Without a report when the daemon answers no more, and has not ended. */
  | { readonly is: 'still stopping'; readonly report: StatusReport | undefined }

/** Stops plugins, nginx and the daemon. Requests under way may finish first; nginx gets half a minute, a worker its graceful_timeout. */
export async function stopModule(paths: Paths): Promise<ModuleStopped> {
  const service = serviceOf(paths)
  const wasThere = service !== undefined && runningDaemon(paths) !== undefined
  // systemd would start a daemon again that ended badly meanwhile.
  if (service !== undefined) await stopService(service)
  const asked = await askControl(paths.control, 'POST /stop')
  // A daemon that was killed leaves workers and nginx behind; a new one takes them over and ends them in order.
  if (asked === undefined && hasLeftovers(paths)) {
    await startDaemon(paths)
    await askControl(paths.control, 'POST /stop')
  } else if (asked === undefined) {
    return { is: wasThere ? 'stopped' : 'not running' }
  }
  const report = await untilReport(paths, () => false)
  return report === undefined && (await hasEnded(paths)) ? { is: 'stopped' } : { is: 'still stopping', report }
}

/** The daemon answers no more before it has ended. Whoever removes the runtime home next must not meet it. */
async function hasEnded(paths: Paths): Promise<boolean> {
  const daemon = runningDaemon(paths)
  return daemon === undefined || (await untilProcessEnded(daemon)) === 'ended'
}
