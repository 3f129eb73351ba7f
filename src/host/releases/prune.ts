import type { Paths } from '../home/paths.ts'
import { releasesInUse } from './in-use.ts'
import { currentRelease, type ReleaseRecord, releasesOf, removeRelease } from './releases.ts'

/**
 * Removes the releases of a plugin, with their environments, that are beyond the number to keep: those that have been out of
 * force for longest. What a worker still runs from stays; the next change removes it.
 */
export function prune(name: string, keep: number, paths: Paths): readonly string[] {
  const inUse = releasesInUse(name, paths)
  const gone = beyond(releasesOf(paths.plugins, name), currentRelease(paths.plugins, name), keep)
  const removable = gone.map(({ id }) => id).filter((id) => !inUse.has(id))
  for (const id of removable) removeRelease(paths.plugins, name, id)
  return removable
}

/** `keep` counts the one in force. */
export function beyond(releases: readonly ReleaseRecord[], current: string | undefined, keep: number): readonly ReleaseRecord[] {
  const lastUsed = ({ leftAt, installedAt }: ReleaseRecord): string => leftAt ?? installedAt
  const others = releases.filter(({ id }) => id !== current).toSorted((one, other) => (lastUsed(one) < lastUsed(other) ? -1 : 1))
  return others.slice(0, Math.max(0, others.length - (keep - 1)))
}
