import type { Fragments } from '../../nginx/fragments/kept-fragments.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { readJson } from '../disk/read-json.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'

/** By plugin. */
export type KeptFragments = ReadonlyMap<string, Fragments>

/** The fragments that nginx accepted last; also those that a daemon before this one kept. */
export function keptFragments(paths: Paths): KeptFragments {
  const kept = readJson(paths.acceptedFragments)
  if (typeof kept !== 'object' || kept === null) return new Map()
  return new Map(Object.entries(kept).filter((entry): entry is [string, Fragments] => isFragments(entry[1])))
}

/** Replaces what is kept. */
export function keepFragments({ acceptedFragments: file }: Paths, accepted: KeptFragments): void {
  const text = JSON.stringify(Object.fromEntries(accepted))
  const before = textOf(file)
  if (before === undefined ? accepted.size > 0 : before !== text) writeAtomically(file, text)
}

function isFragments(value: unknown): value is Fragments {
  return typeof value === 'object' && value !== null && 'apps' in value && typeof value.apps === 'object' && value.apps !== null
}
