import { Tally } from '../../receipt/measure.ts'
import type { RequestLine } from '../../receipt/request-line.ts'

/** What a worker has taken so far, with all that it has started. */
export interface WorkerSample {
  readonly plugin: string
  /** A daemon is called @ and its name. */
  readonly app: string
  readonly slot: number
  readonly pid: number
  readonly memoryBytes: number
  readonly cpuSeconds: number
}

/** What somebody takes now. */
export interface Taken {
  readonly memoryBytes: number
  /** Of one core. */
  readonly cpuPercent: number
  readonly requestsPerSecond: number
  /** Null without a request. */
  readonly p99Ms: number | null
}

export interface TopWorker extends Taken, Pick<WorkerSample, 'app' | 'slot' | 'pid'> {}

/** A plugin, its workers in their order. */
export interface TopPlugin extends Taken {
  readonly plugin: string
  readonly workers: readonly TopWorker[]
}

export interface Span<T> {
  readonly seconds: number
  readonly seen: T
}

/**
 * The plugins, the one that takes most of the processors first, then most memory. `work`: the workers at both ends of a span.
 * Requests of files and of nginx itself are those of the plugin and of no worker.
 */
export function topOf(
  plugins: readonly string[],
  work: Span<{ readonly before: readonly WorkerSample[]; readonly after: readonly WorkerSample[] }>,
  requests: Span<readonly RequestLine[]>,
): readonly TopPlugin[] {
  const before = new Map(work.seen.before.map((sample) => [sample.pid, sample.cpuSeconds]))
  const ofPlugins = Map.groupBy(requests.seen, ({ plugin }) => plugin)
  const ofSlots = Map.groupBy(requests.seen, ({ link }) => link)
  const ofSamples = Map.groupBy(work.seen.after, ({ plugin }) => plugin)
  const all = plugins.map((plugin): TopPlugin => {
    const workers = (ofSamples.get(plugin) ?? []).map(({ app, slot, pid, memoryBytes, cpuSeconds }): TopWorker => {
      const worked = cpuSeconds - (before.get(pid) ?? cpuSeconds)
      const cpuPercent = work.seconds === 0 ? 0 : Math.max(0, (worked / work.seconds) * 100)
      const answered = ofSlots.get(`${plugin}.${app}.${slot}.sock`) ?? []
      return { app, slot, pid, memoryBytes, cpuPercent, ...asked(answered, requests.seconds) }
    })
    const sum = (name: 'memoryBytes' | 'cpuPercent'): number => workers.reduce((total, worker) => total + worker[name], 0)
    const taken = { memoryBytes: sum('memoryBytes'), cpuPercent: sum('cpuPercent') }
    return { plugin, ...taken, ...asked(ofPlugins.get(plugin) ?? [], requests.seconds), workers }
  })
  return all.toSorted((one, other) => other.cpuPercent - one.cpuPercent || other.memoryBytes - one.memoryBytes)
}

function asked(lines: readonly RequestLine[], seconds: number): Pick<Taken, 'requestsPerSecond' | 'p99Ms'> {
  const tally = new Tally()
  for (const line of lines) tally.add(line)
  return { requestsPerSecond: seconds === 0 ? 0 : lines.length / seconds, p99Ms: tally.measured(seconds).p99Ms }
}
