import { runningDaemon } from '../../control/daemon-record.ts'
import type { ProblemReport, StatusReport } from '../../control/protocol.ts'
import { reportProblem } from '../../control/report-problem.ts'
import { readStatus } from '../../control/status-file.ts'
import { verdict } from '../../control/word.ts'
import type { Paths } from '../../host/home/paths.ts'
import { version } from '../../host/home/version.ts'
import { baseUrl } from '../../host/module/desire-settings.ts'
import { readGoodConfig } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { masterOf } from '../../host/nginx/processes.ts'
import { Problem } from '../../problem.ts'
import { hasLeftovers } from './leftovers.ts'

/** What the files and the processes still tell when no daemon answers. */
export function statusWithoutDaemon(paths: Paths): StatusReport {
  const { config, isKept } = readGoodConfig(paths, readHardware(), process.env)
  const pid = masterOf(paths)?.pid ?? null
  const nginx = config.settings.nginx.flag ? (pid === null ? 'stopped' : 'running') : 'off'
  const isLeft = hasLeftovers(paths)
  const word = wordOfOther(paths)
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
    problems: isLeft && word === undefined ? [gone(found.isHealthy)] : [],
  }
}

/** A daemon that has just begun, or is about to end, listens to nobody. */
function wordOfOther(paths: Paths): 'STARTING' | 'STOPPING' | undefined {
  if (runningDaemon(paths) === undefined) return undefined
  const word = readStatus(paths)
  return word === 'STOPPING' || word === 'STOPPED' ? 'STOPPING' : 'STARTING'
}

function gone(isServed: boolean): ProblemReport {
  const rest = isServed ? 'nginx and the workers go on without it' : 'what it supervised is not served'
  return reportProblem(new Problem('DAEMON_DOWN', `the daemon has gone; ${rest}`, 'Take them over: mfserv.start'))
}
