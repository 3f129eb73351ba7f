import { askControl } from '../../control/client.ts'
import { finishRestore } from '../../host/backup/swap-home.ts'
import { asDiskProblem } from '../../host/disk/disk-problem.ts'
import type { Paths } from '../../host/home/paths.ts'
import { finishCommit } from '../../host/plugins/commit.ts'
import { type Changer, withPluginLock } from '../../host/plugins/plugin-lock.ts'
import { removeCandidate } from '../../host/releases/candidate.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { currentRelease, sweep } from '../../host/releases/releases.ts'
import { deleteDetached, hasWorkers } from './remove-plugin.ts'

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
  finishRestore(paths)
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
