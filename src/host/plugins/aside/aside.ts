import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ASIDE_FOR_ALL, type Aside } from '../../../plugin/aside.ts'
import { writeAtomically } from '../../disk/atomic.ts'
import { namesIn } from '../../disk/names-in.ts'
import type { Paths } from '../../home/paths.ts'
import { pausedSince } from '../../workers/pause/paused.ts'
import { isStopped } from '../plugin-marks.ts'
import { maintenanceOf } from './maintenance.ts'

/** What keeps requests from a plugin, first what counts first for them. */
export function asidesOf(name: string, paths: Paths): readonly Aside[] {
  const maintenance = maintenanceOf(name, paths)
  const paused = pausedSince(name, paths)
  return [
    ...(isStopped(name, paths) ? [{ is: 'stopped' } as const] : []),
    ...(maintenance === undefined ? [] : [maintenance]),
    ...(paused === undefined ? [] : [{ is: 'paused', since: paused } as const]),
  ]
}

/** nginx may remember for a second that a mark is not there. */
const SEEN_WITHIN_MS = 1_050

/** The same as `settleAside`; answers when every request that comes is kept back as it is to be. */
export async function keptAside(name: string, paths: Paths): Promise<void> {
  if (settleAside(name, paths) === 'more kept back') await delay(SEEN_WITHIN_MS)
}

/**
 * Makes what nginx looks at agree with what was decided. For a request nginx looks at one mark alone: a location of files at the
 * one with the name of the plugin, which is there while files are held; a location of an app at the one that is there while every
 * request is refused. nginx sees at once that a mark is gone.
 */
export function settleAside(name: string, paths: Paths): 'more kept back' | 'no more' {
  const asides = asidesOf(name, paths)
  const ofFiles = settled(join(paths.aside, name), asides.length > 0)
  const ofAll = settled(
    join(paths.aside, `${name}${ASIDE_FOR_ALL}`),
    asides.some(({ is }) => is !== 'paused'),
  )
  return ofFiles === 'made' || ofAll === 'made' ? 'more kept back' : 'no more'
}

function settled(mark: string, isWanted: boolean): 'made' | 'gone' | 'as it was' {
  const isThere = existsSync(mark)
  if (isThere === isWanted) return 'as it was'
  if (isWanted) writeAtomically(mark, '')
  else rmSync(mark, { force: true })
  return isWanted ? 'made' : 'gone'
}

/** By name, of all plugins that have any. */
export function asides(paths: Paths): ReadonlyMap<string, readonly Aside[]> {
  const found = markedNames(paths).map((name) => [name, asidesOf(name, paths)] as const)
  return new Map(found.filter(([, all]) => all.length > 0))
}

/** The same for every plugin of which anything was decided, or was when nginx was last told. */
export function settleAllAside(paths: Paths): void {
  const seen = namesIn(paths.aside).map((mark) => (mark.endsWith(ASIDE_FOR_ALL) ? mark.slice(0, -ASIDE_FOR_ALL.length) : mark))
  for (const name of new Set([...seen.filter(isName), ...markedNames(paths)])) settleAside(name, paths)
}

function markedNames({ stopped, maintenance, paused }: Paths): readonly string[] {
  return [...new Set([stopped, maintenance, paused].flatMap(namesIn))].filter(isName)
}

/** Names of plugins have no dot; what is written just now has one. */
function isName(entry: string): boolean {
  return !entry.includes('.')
}
