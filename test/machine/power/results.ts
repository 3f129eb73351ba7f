import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../image.ts'
import type { Where } from './cut.ts'
import type { Tried } from './table.ts'

/** What was tried of one machine: kept, so that a run that was ended goes on, and the table tells the sum of several. */
const FILE = join(CACHE, 'power-results')

/** A cut, and the recording that it was made in. */
interface Kept extends Tried {
  readonly of: string
  readonly seed: number
}

export function keep(result: Kept): void {
  appendFileSync(FILE, `${JSON.stringify(result)}\n`)
}

/** Of these recordings. */
export function keptOf(recordings: readonly string[]): readonly Kept[] {
  if (!existsSync(FILE)) return []
  const lines = readFileSync(FILE, 'utf8').trim().split('\n')
  return lines.map((line): Kept => JSON.parse(line)).filter(({ of }) => recordings.includes(of))
}

export function isKept(kept: readonly Kept[], { of, seed, where }: { of: string; seed: number; where: Where }): boolean {
  return kept.some((one) => one.of === of && one.seed === seed && one.where === where)
}
