import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { namesIn } from '../disk/names-in.ts'
import type { Paths } from '../home/paths.ts'
import { readHistory } from '../receipts/history.ts'

/** The changes of one plugin by what they were and what came of them, such as `hotswap done`. */
export interface ChangeCounts {
  /** When the last one began that is counted. */
  readonly last: number
  readonly counts: Readonly<Record<string, number>>
}

export type KeptChanges = Readonly<Record<string, ChangeCounts>>

/** Counts the receipts of changes. Of a plugin only the last are kept as files, so each is counted when it is new. */
export class Changes {
  #kept: KeptChanges
  readonly #stamps = new Map<string, number>()

  constructor(kept: KeptChanges) {
    this.#kept = kept
  }

  /** Answers whether there were any since the last look. */
  look(paths: Paths): boolean {
    const before = this.#kept
    for (const name of namesIn(paths.history).filter((one) => one.endsWith('.jsonl'))) {
      const stamp = statSync(join(paths.history, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
      if (this.#stamps.get(name) === stamp) continue
      this.#stamps.set(name, stamp)
      this.#count(basename(name, '.jsonl'), paths)
    }
    return this.#kept !== before
  }

  kept(): KeptChanges {
    return this.#kept
  }

  #count(plugin: string, paths: Paths): void {
    const known = this.#kept[plugin] ?? { last: 0, counts: {} }
    const fresh = readHistory(plugin, paths).filter(({ at }) => at > known.last)
    if (fresh.length === 0) return
    const counts: Record<string, number> = { ...known.counts }
    for (const { what, outcome } of fresh) counts[`${what} ${outcome.is}`] = (counts[`${what} ${outcome.is}`] ?? 0) + 1
    this.#kept = { ...this.#kept, [plugin]: { last: Math.max(...fresh.map(({ at }) => at)), counts } }
  }
}
