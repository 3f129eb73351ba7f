import type { Command } from 'commander'
import type { StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('status')
    .description('Show what should run and what does. Exit code 0 when the module is RUNNING.')
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      print(await status(pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function status(paths: Paths): Promise<Result> {
  const { askControl } = await import('../../control/client.ts')
  const { statusText } = await import('../status-text.ts')
  const report = (await askControl(paths.control, 'GET /status')) ?? (await withoutDaemon(paths))
  const isSound = report.status === 'RUNNING' && report.daemon.pid !== null
  return { data: report, text: statusText(report), exitCode: isSound ? 0 : 1 }
}

/** What the files still tell when no daemon answers. A module that should run and has none is in ERROR. */
async function withoutDaemon(paths: Paths): Promise<StatusReport> {
  const { hasLeftovers } = await import('../../operations/module/leftovers.ts')
  const { version } = await import('../../host/module/machine.ts')
  const { reportProblem } = await import('../../control/report-problem.ts')
  const { Problem } = await import('../../problem.ts')
  const isLeft = hasLeftovers(paths)
  const gone = new Problem(
    'DAEMON_DOWN',
    'the daemon has gone; nginx and the workers go on without it',
    'Take them over: mfserv.start',
  )
  return {
    status: isLeft ? 'ERROR' : 'STOPPED',
    version: version(),
    url: undefined,
    daemon: { pid: null, since: null },
    nginx: { pid: null, state: isLeft ? 'running' : 'stopped', reloads: 0, problem: undefined },
    plugins: [],
    cron: [],
    candidates: [],
    problems: isLeft ? [reportProblem(gone)] : [],
  }
}
