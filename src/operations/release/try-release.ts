import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { CandidateReport, PluginReport, StatusReport } from '../../control/protocol.ts'
import { hasWorkers } from '../../desired/worker-spec.ts'
import type { Paths } from '../../host/home/paths.ts'
import { processId } from '../../host/process/proc.ts'
import { removeCandidate, writeCandidate } from '../../host/releases/candidate.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import { reasonText } from '../../worker/reason.ts'
import { proveWorker } from './prove-worker.ts'
import type { Timeline } from './timeline.ts'

export interface Trial {
  readonly name: string
  /** The id of the release. */
  readonly release: string
  readonly plugin: Plugin
  /** As of a commit. */
  readonly overrides?: string | null
}

/**
 * Lets the daemon start the workers of a release beside those that serve, and proves them; none gets a request. Afterwards
 * the release is still a candidate: commit it, or call `endTrial`. Throws RELEASE_FAILED with the reason and the last output
 * of what failed, and the release is no candidate any more. `not running`: there is no daemon that could try it.
 */
export async function tryRelease(trial: Trial, paths: Paths, timeline: Timeline): Promise<'ready' | 'not running'> {
  const running = await askControl(paths.control, 'GET /status')
  if (running === undefined) return 'not running'
  // Files and daemons alone: there is nothing that could be started beside what serves.
  if (!trial.plugin.apps.some(hasWorkers)) return 'ready'
  try {
    const isServed = running.plugins.some(({ name }) => name === trial.name)
    const starting = isServed ? 'Starting its workers beside those that serve' : 'Starting its workers'
    const report = await timeline.phase(starting, () => startCandidate(trial, 0, paths))
    await timeline.phase('Asking them', () => prove(trial, report, running.plugins, timeline))
    return 'ready'
  } catch (error) {
    await endTrial(trial.name, paths)
    throw error
  }
}

/** Sends a share of the requests to a release that is tried; 0 takes it back. Answers the slots of each app it has then. */
export async function setCanary(trial: Trial, percent: number, paths: Paths): Promise<ReadonlyMap<string, number>> {
  const report = await startCandidate(trial, percent, paths)
  return new Map(report.apps.map(({ name, canarySlots }) => [name, canarySlots]))
}

export async function endTrial(name: string, paths: Paths): Promise<void> {
  removeCandidate(paths, name)
  await askControl(paths.control, 'POST /look', { plugin: name })
}

async function startCandidate(
  { name, release, overrides }: Trial,
  canaryPercent: number,
  paths: Paths,
): Promise<CandidateReport> {
  const owner = processId(process.pid)
  if (owner === undefined) throw new Error('this process is not in /proc')
  writeCandidate(paths, { plugin: name, release, owner, canaryPercent, ...(overrides === undefined ? {} : { overrides }) })
  const find = ({ candidates }: StatusReport): CandidateReport | undefined =>
    candidates.find((one) => one.plugin === name && one.release === release)
  await askControl(paths.control, 'POST /look', { plugin: name })
  const report = await untilReport(paths, (now) => isDecided(find(now)), ofPlugin(name))
  const candidate = report === undefined ? undefined : find(report)
  if (candidate?.state === 'ready') return candidate
  throw failure(name, release, candidate)
}

function isDecided(candidate: CandidateReport | undefined): boolean {
  return candidate !== undefined && candidate.state !== 'starting'
}

async function prove(
  { plugin, release }: Trial,
  report: CandidateReport,
  before: readonly PluginReport[],
  timeline: Timeline,
): Promise<void> {
  for (const { name, workers } of report.apps) {
    const app = plugin.apps.find((one) => one.name === name)
    const worker = workers[0]
    if (app === undefined || worker === undefined) continue
    const proof = await proveWorker(plugin, app, worker.socket, servingSocket(plugin.name, name, before))
    if (proof.is === 'doubtful') timeline.say(`  Mind this: ${proof.because}. See its log: mfserv logs ${plugin.name}`)
    if (proof.is === 'unsound') throw refused(plugin.name, release, [`it is not sound: ${proof.because}`])
  }
}

/** Where the version that serves can be asked. */
function servingSocket(plugin: string, app: string, before: readonly PluginReport[]): string | undefined {
  return before.find(({ name }) => name === plugin)?.apps.find(({ name }) => name === app)?.socket
}

function failure(name: string, release: string, candidate: CandidateReport | undefined): Problem {
  if (candidate === undefined) {
    return new Problem('DAEMON_DOWN', `mfserv ended while it tried release ${release} of ${name}`, 'Start it: mfserv.start')
  }
  return refused(name, release, failedCandidate(candidate))
}

/** Why a release that is tried does not come up, with the last output of what failed. */
export function failedCandidate({ apps, problems }: CandidateReport): readonly string[] {
  const failed = apps.flatMap(({ name: app, workers }) => {
    const worker = workers.find(({ failure }) => failure !== undefined)
    if (worker?.failure === undefined) return []
    const { reason, output } = worker.failure
    const said = output === '' ? ['It wrote nothing.'] : ['Its last output:', ...output.split('\n').map((line) => `  ${line}`)]
    return [`a worker of app ${app} failed: ${reasonText(reason)}`, ...said]
  })
  return [...problems.map(({ message, fix }) => `${message}\n  ${fix}`), ...failed]
}

/** A release that was tried and is not to be used. */
export function refused(name: string, release: string, because: readonly string[]): Problem {
  return new Problem(
    'RELEASE_FAILED',
    [notTaken(name, release), ...because].join('\n'),
    'What served before goes on. Fix the plugin, make a new release and try that.',
  )
}

/** Why, without the line that says of what. */
export function reasonsOf({ message }: Problem, name: string, release: string): string {
  const head = `${notTaken(name, release)}\n`
  return message.startsWith(head) ? message.slice(head.length) : message
}

function notTaken(name: string, release: string): string {
  return `release ${release} of ${name} was not taken:`
}
