import type { Command } from 'commander'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('stop')
    .description('Stop mfserv: plugins, nginx and the daemon. Requests under way are finished first.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      print(await stop(pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function stop(paths: Paths): Promise<Result> {
  const { askControl } = await import('../../control/client.ts')
  const { startDaemon, untilReport } = await import('../../control/daemon-process.ts')
  const { hasLeftovers } = await import('../../operations/module/leftovers.ts')
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
  const { untilProcessEnded } = await import('../../control/daemon-process.ts')
  const { runningDaemon } = await import('../../control/daemon-record.ts')
  const daemon = runningDaemon(paths)
  return daemon === undefined || (await untilProcessEnded(daemon)) === 'ended'
}
