import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../../time.ts'
import { writeAtomically } from '../../disk/atomic.ts'
import { namesIn } from '../../disk/names-in.ts'
import type { Paths } from '../../home/paths.ts'

/* A plugin is paused while there is a file with its name: so it holds over every restart, and whoever asks need not be told. */

type Place = Pick<Paths, 'paused'>

export function isPaused(name: string, place: Place): boolean {
  return pausedSince(name, place) !== undefined
}

export function pausedSince(name: string, { paused }: Place): Millis | undefined {
  const stat = statSync(join(paused, name), { throwIfNoEntry: false })
  return stat === undefined ? undefined : (Math.round(stat.mtimeMs) as Millis)
}

/** Names of plugins have no dot; what is written just now has one. */
export function pausedPlugins({ paused }: Place): ReadonlySet<string> {
  return new Set(namesIn(paused).filter((name) => !name.includes('.')))
}

export function markPaused(name: string, place: Place): void {
  if (!isPaused(name, place)) writeAtomically(join(place.paused, name), 'plugins.pause\n')
}

export function unmarkPaused(name: string, { paused }: Place): void {
  rmSync(join(paused, name), { force: true })
}
