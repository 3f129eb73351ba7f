import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Aside } from '../../../plugin/aside.ts'
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

/**
 * Makes what nginx looks at agree with what was decided. For a request nginx looks at one entry alone, with the name of the
 * plugin: a directory where every request is refused, a file where only files are held, nothing where the plugin serves.
 */
export function settleAside(name: string, paths: Paths): void {
  const entry = join(paths.aside, name)
  const asides = asidesOf(name, paths)
  const wanted = asides.some(({ is }) => is !== 'paused') ? 'directory' : asides.length > 0 ? 'file' : undefined
  const present = kindOf(entry)
  if (wanted === present) return
  if (present === 'directory' || wanted === undefined) rmSync(entry, { recursive: true, force: true })
  if (wanted === 'file') writeAtomically(entry, '')
  if (wanted === 'directory') {
    rmSync(entry, { force: true })
    mkdirSync(entry, { recursive: true, mode: 0o700 })
  }
}

/** By name, of all plugins that have any. */
export function asides(paths: Paths): ReadonlyMap<string, readonly Aside[]> {
  const found = markedNames(paths).map((name) => [name, asidesOf(name, paths)] as const)
  return new Map(found.filter(([, all]) => all.length > 0))
}

/** The same for every plugin of which anything was decided, or was when nginx was last told. */
export function settleAllAside(paths: Paths): void {
  for (const name of new Set([...namesIn(paths.aside).filter(isName), ...markedNames(paths)])) settleAside(name, paths)
}

function markedNames({ stopped, maintenance, paused }: Paths): readonly string[] {
  return [...new Set([stopped, maintenance, paused].flatMap(namesIn))].filter(isName)
}

/** Names of plugins have no dot; what is written just now has one. */
function isName(entry: string): boolean {
  return !entry.includes('.')
}

function kindOf(entry: string): 'directory' | 'file' | undefined {
  const stat = statSync(entry, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isDirectory() ? 'directory' : 'file'
}
