import type { DesiredApp, DesiredState } from '../desired/desired.ts'
import type { AppId } from '../desired/ids.ts'
import type { Plugin } from '../plugin/plugin.ts'
import type { Runtime } from '../runtime/contract.ts'
import { RUNTIMES } from '../runtime/runtime.ts'

/** Bytes, proportional to what processes share (PSS). */
export interface MemoryPreview {
  readonly before: number
  readonly after: number
  /** While the new workers of the apps run beside the old ones, which is as long as the old ones drain. */
  readonly peak: number
  /** What the machine has left now; undefined when nobody knows. */
  readonly free: number | undefined
  /** Whether the peak asks for more than is free. */
  readonly isShort: boolean
  readonly apps: readonly AppMemory[]
}

export interface AppMemory {
  readonly app: string
  readonly perWorker: number
  /** `measured`: of the workers that run now. `estimate`: what a small app of this type has. */
  readonly basis: 'measured' | 'estimate'
}

const MB = 1_000_000

/** A small app, measured on one machine: a hint for who has no better number. */
const ESTIMATES: Readonly<Record<Runtime['language'], number>> = {
  python3: 40 * MB,
  python2: 30 * MB,
  node: 50 * MB,
  php: 20 * MB,
  any: 50 * MB,
  none: 0,
}

interface MemoryInput {
  readonly plugin: string
  readonly before: DesiredState
  readonly after: DesiredState
  readonly measured: ReadonlyMap<AppId, number>
  readonly freeMemory: number | undefined
}

export function memoryPreview(input: MemoryInput, old: Plugin | undefined, next: Plugin | undefined): MemoryPreview {
  const { plugin: name, before, after, measured, freeMemory: free } = input
  const apps = (state: DesiredState): readonly DesiredApp[] => [...state.apps.values()].filter(({ plugin }) => plugin === name)
  const all = new Map([...apps(before), ...apps(after)].map((app) => [app.id, app]))
  const memoryOf = ({ id, app }: DesiredApp): AppMemory => {
    const known = measured.get(id)
    if (known !== undefined) return { app, perWorker: known, basis: 'measured' }
    return { app, perWorker: estimateOf(app, [next, old]), basis: 'estimate' }
  }
  const total = (found: readonly DesiredApp[]): number => found.reduce((sum, app) => sum + app.slots * memoryOf(app).perWorker, 0)
  const [now, then] = [total(apps(before)), total(apps(after))]
  const beside = apps(after).filter(({ id, kind, spec }) => kind === 'app' && before.apps.get(id)?.spec.hash !== spec.hash)
  const peak = Math.max(then, now + total(beside))
  return {
    before: now,
    after: then,
    peak,
    free,
    isShort: free !== undefined && peak - now > free,
    apps: [...all.values()].map(memoryOf),
  }
}

/** The first that has the app tells its type; no type is known of a daemon. */
function estimateOf(app: string, plugins: readonly (Plugin | undefined)[]): number {
  const type = plugins.flatMap((plugin) => plugin?.apps ?? []).find(({ name }) => name === app)?.type
  return ESTIMATES[type === undefined ? 'any' : RUNTIMES[type].language]
}
