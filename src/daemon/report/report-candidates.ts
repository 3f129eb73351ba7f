import type { CandidateAppReport, CandidateReport, CandidateWorkerReport } from '../../control/protocol.ts'
import { reportProblem } from '../../control/report-problem.ts'
import type { CandidateApp, DesiredState } from '../../desired/desired.ts'
import { partsOf, slotsOf } from '../../desired/slot.ts'
import type { ObservedWorker } from '../../plan/observed.ts'
import { processOf } from '../../worker/transition.ts'
import type { TriedRelease } from '../wanted/candidates.ts'

/** Every release that is tried, with what became of its workers. */
export function reportCandidates(
  tried: readonly TriedRelease[],
  desired: DesiredState,
  observed: readonly ObservedWorker[],
  socketOf: (worker: ObservedWorker) => string,
): readonly CandidateReport[] {
  return tried.map(({ record: { plugin, release }, candidate, problems }) => {
    const obstacles = desired.candidateProblems.get(plugin) ?? []
    const types = new Map(candidate?.installed.plugin.apps.map(({ name, type }) => [name, type]))
    const apps = [...desired.candidates.values()]
      .filter(({ app }) => app.plugin === plugin)
      .map((one) => reportApp(one, types.get(one.app.app) ?? '', observed, socketOf))
    const isRefused = candidate === undefined || obstacles.length > 0
    return {
      plugin,
      release,
      state: isRefused ? 'refused' : stateOf(apps.flatMap(({ workers }) => workers)),
      apps,
      problems: [...problems, ...obstacles].map(reportProblem),
    }
  })
}

function reportApp(
  { app, canarySlots }: CandidateApp,
  type: string,
  observed: readonly ObservedWorker[],
  socketOf: (worker: ObservedWorker) => string,
): CandidateAppReport {
  const ours = observed.filter(({ app: id, hash }) => id === app.id && hash === app.spec.hash)
  const workers = slotsOf(app.id, app.slots).map((slot): CandidateWorkerReport => {
    const here = ours.filter((worker) => worker.slot === slot)
    const worker = here.toSorted((one, other) => other.generation - one.generation)[0]
    const number = partsOf(slot).slot
    if (worker === undefined) return { slot: number, actual: 'absent', pid: null, socket: '', failure: undefined }
    const { state } = worker
    return {
      slot: number,
      actual: state.is === 'gone' ? 'absent' : state.is === 'killed' ? 'stopping' : state.is,
      pid: processOf(state)?.pid ?? null,
      socket: socketOf(worker),
      failure: state.is === 'failed' ? { reason: state.failure.reason, output: state.failure.output } : undefined,
    }
  })
  return { name: app.app, type, canarySlots, workers }
}

function stateOf(workers: readonly CandidateWorkerReport[]): CandidateReport['state'] {
  if (workers.some(({ failure }) => failure !== undefined)) return 'failing'
  return workers.every(({ actual }) => actual === 'ready') ? 'ready' : 'starting'
}
