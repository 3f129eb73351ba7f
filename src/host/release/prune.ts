import { askControl } from '../../daemon/control.ts'
import type { Paths } from '../paths.ts'
import { currentRelease, type ReleaseRecord, releasesOf, removeRelease } from './releases.ts'

/**
 * Removes the releases of a plugin, with their environments, that are beyond the number to keep: those that have been out of
 * force for longest. While old workers still finish, nothing is removed: the next change does it.
 */
export async function prune(name: string, keep: number, paths: Paths): Promise<readonly string[]> {
  const report = await askControl(paths.control, 'GET /status')
  if ((report?.plugins.find((plugin) => plugin.name === name)?.leaving ?? 0) > 0) return []
  const gone = beyond(releasesOf(paths.plugins, name), currentRelease(paths.plugins, name), keep)
  for (const { id } of gone) removeRelease(paths.plugins, name, id)
  return gone.map(({ id }) => id)
}

/** `keep` counts the one in force. */
export function beyond(releases: readonly ReleaseRecord[], current: string | undefined, keep: number): readonly ReleaseRecord[] {
  const lastUsed = ({ leftAt, installedAt }: ReleaseRecord): string => leftAt ?? installedAt
  const others = releases.filter(({ id }) => id !== current).toSorted((one, other) => (lastUsed(one) < lastUsed(other) ? -1 : 1))
  return others.slice(0, Math.max(0, others.length - (keep - 1)))
}
