import type { Command } from 'commander'
import type { ProblemReport, StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { OutputOptions, Result } from '../output.ts'

export function register(program: Command): void {
  program
    .command('status')
    .description(
      'Show what should run and what does. The exit code tells the word: 0 is RUNNING, 2 DEGRADED, 1 ERROR, 3 STOPPED.',
    )
    .action(async (_options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      print(await status(pathsOf(runtimeHome())), command.optsWithGlobals<OutputOptions>())
    })
}

async function status(paths: Paths): Promise<Result> {
  const { askControl } = await import('../../control/client.ts')
  const { exitCodeOf } = await import('../../control/word.ts')
  const { statusText } = await import('../status-text.ts')
  const report = (await askControl(paths.control, 'GET /status')) ?? (await withoutDaemon(paths))
  return { data: report, text: statusText(report), exitCode: exitCodeOf(report.status) }
}

/** What the files and the processes still tell when no daemon answers. */
async function withoutDaemon(paths: Paths): Promise<StatusReport> {
  const { hasLeftovers } = await import('../../operations/module/leftovers.ts')
  const { version } = await import('../../host/module/machine.ts')
  const { readGoodConfig } = await import('../../host/module/good-config.ts')
  const { readHardware } = await import('../../host/module/hardware.ts')
  const { nginxFront } = await import('../../host/nginx/nginx-front.ts')
  const { baseUrl } = await import('../../host/module/desire-settings.ts')
  const { verdict } = await import('../../control/word.ts')
  const { config, isKept } = readGoodConfig(paths, readHardware(), process.env)
  const pid = nginxFront(paths).pid() ?? null
  const nginx = config.settings.nginx.flag ? (pid === null ? 'stopped' : 'running') : 'off'
  const isLeft = hasLeftovers(paths)
  const word = await wordOfOther(paths)
  const found = verdict({
    phase: 'gone',
    nginx: nginx === 'running' ? 'serves' : nginx === 'off' ? 'off' : 'down',
    plugins: [],
    problems: [],
    isLeft,
  })
  return {
    status: word ?? found.word,
    because: word === undefined ? found.because : ['the daemon does not answer yet, or not any more'],
    version: version(),
    url: baseUrl(config),
    daemon: { pid: null, since: null },
    nginx: { pid, state: nginx, reloads: 0, problem: undefined },
    plugins: [],
    cron: [],
    candidates: [],
    patienceMs: 0,
    configuration: isKept ? 'last good' : 'as written',
    problems: isLeft && word === undefined ? [await gone(found.isHealthy)] : [],
  }
}

/** A daemon that has just begun, or is about to end, listens to nobody. */
async function wordOfOther(paths: Paths): Promise<'STARTING' | 'STOPPING' | undefined> {
  const { runningDaemon } = await import('../../control/daemon-record.ts')
  const { readStatus } = await import('../../control/status-file.ts')
  if (runningDaemon(paths) === undefined) return undefined
  const word = readStatus(paths)
  return word === 'STOPPING' || word === 'STOPPED' ? 'STOPPING' : 'STARTING'
}

async function gone(isServed: boolean): Promise<ProblemReport> {
  const { reportProblem } = await import('../../control/report-problem.ts')
  const { Problem } = await import('../../problem.ts')
  const rest = isServed ? 'nginx and the workers go on without it' : 'what it supervised is not served'
  return reportProblem(new Problem('DAEMON_DOWN', `the daemon has gone; ${rest}`, 'Take them over: mfserv.start'))
}
