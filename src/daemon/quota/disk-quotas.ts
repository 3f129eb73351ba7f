import { join } from 'node:path'
import type { LayeredPlugin } from '../../desired/installed.ts'
import { treeBytes } from '../../host/disk/tree-bytes.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { faultText, formatProblem, Problem } from '../../problem.ts'
import { later, type Millis } from '../../time.ts'

const EVERY_MS = 60_000
/** A look takes no more than this part of the time. */
const SHARE = 0.01

/** Names the plugins that have more on the disk than they may. */
export class DiskQuotas {
  readonly #paths: Pick<Paths, 'data' | 'tmp'>
  readonly #changed: () => void
  #problems: ReadonlyMap<string, Problem> = new Map()
  #nextAt = 0 as Millis
  #isLooking = false

  /** `changed` is called when something else is wrong than before. */
  constructor(paths: Pick<Paths, 'data' | 'tmp'>, changed: () => void) {
    this.#paths = paths
    this.#changed = changed
  }

  /** By the name of the plugin; another map whenever something changed. */
  get problems(): ReadonlyMap<string, Problem> {
    return this.#problems
  }

  /** Begins a look if it is time to. Nobody waits for it. */
  look(plugins: readonly LayeredPlugin[]): void {
    if (this.#isLooking || steadyNow() < this.#nextAt) return
    const bounded = plugins.flatMap(({ plugin }) => (plugin.diskMax === undefined ? [] : [{ ...plugin, limit: plugin.diskMax }]))
    if (bounded.length === 0 && this.#problems.size === 0) return
    this.#isLooking = true
    const began = steadyNow()
    this.#measure(bounded)
      .then((problems) => this.#tell(problems))
      .catch((error: unknown) => log('ERROR', `what plugins have on the disk was not measured: ${faultText(error)}`))
      .finally(() => {
        this.#isLooking = false
        const took = steadyNow() - began
        this.#nextAt = later(steadyNow(), Math.max(EVERY_MS, took / SHARE))
      })
  }

  async #measure(bounded: readonly (LayeredPlugin['plugin'] & { readonly limit: number })[]): Promise<Map<string, Problem>> {
    const problems = new Map<string, Problem>()
    for (const { name, limit, apps } of bounded) {
      const bytes = await treeBytes([join(this.#paths.data, name), join(this.#paths.tmp, name)])
      if (bytes > limit) problems.set(name, quotaProblem(name, bytes, limit, apps[0]?.where.file))
    }
    return problems
  }

  #tell(problems: ReadonlyMap<string, Problem>): void {
    const before = this.#problems
    const isSame =
      problems.size === before.size && [...problems].every(([name, { message }]) => before.get(name)?.message === message)
    if (isSame) return
    this.#problems = problems
    for (const [name, problem] of problems) {
      if (!before.has(name)) log('WARNING', `plugin ${name}: ${formatProblem(problem)}`)
    }
    for (const name of before.keys()) {
      if (!problems.has(name)) log('INFO', `plugin ${name} has no more on the disk than it may`)
    }
    this.#changed()
  }
}

function quotaProblem(name: string, bytes: number, limit: number, file: string | undefined): Problem {
  const megabytes = (value: number): string => `${Math.round(value / (1 << 20))} MB`
  const message = `it has ${megabytes(bytes)} in var/data/${name} and tmp/${name}, over its limit of ${megabytes(limit)} (disk_max)`
  const fix = 'Delete what it does not need, or write a larger disk_max below [general]. Nothing is stopped or deleted for it.'
  return new Problem('DISK_QUOTA', message, fix, file === undefined ? undefined : { file })
}
