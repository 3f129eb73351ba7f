import { askControl } from '../../daemon/control.ts'
import { asDiskProblem } from '../disk-problem.ts'
import type { Paths } from '../paths.ts'
import { type Changer, withPluginLock } from '../plugin-lock.ts'
import { locate } from '../plugins-directory.ts'
import { deleteDetached, hasWorkers } from '../remove-plugin.ts'
import { removeCandidate } from './candidate.ts'
import { finishCommit } from './commit.ts'
import { currentRelease, sweep } from './releases.ts'

/**
 * Runs one change of a plugin, installed or not. It has the plugin for itself, and finds what an interrupted command left of
 * it completed or removed, unless it wants it `as it was left`. Throws `BUSY`, and `DISK` when the disk takes no more.
 */
export function withReleases<T>(
  paths: Paths,
  changer: Changer,
  change: () => Promise<T>,
  found: 'tidy' | 'as it was left' = 'tidy',
): Promise<T> {
  return withPluginLock(paths, changer, async () => {
    try {
      if (found === 'tidy') tidyReleases(changer.plugin, paths)
      return await change()
    } catch (error) {
      throw asDiskProblem(error, paths.plugins)
    }
  })
}

/** Asks the daemon, if there is one, to look at what has changed. */
export async function tellDaemon({ control }: Paths): Promise<'told' | 'not running'> {
  return (await askControl(control, 'POST /look')) === undefined ? 'not running' : 'told'
}

/** Completes or removes what an interrupted command left of a plugin. Needs the plugin lock. */
export function tidyReleases(name: string, paths: Paths): void {
  const { plugins } = paths
  removeCandidate(paths, name)
  if (currentRelease(plugins, name) !== undefined) {
    finishCommit(paths, name)
    sweep(plugins, name)
  } else if (locate(plugins, name).mode !== 'dev_link') {
    sweep(plugins, name)
    // An installation that did not get as far as its pointer, or a removal that got further.
    if (!hasWorkers(name, paths)) deleteDetached(name, paths)
  }
}
