import { askControl } from '../../daemon/control.ts'
import type { Paths } from '../paths.ts'
import { type Changer, withPluginLock } from '../plugin-lock.ts'
import { locate } from '../plugins-directory.ts'
import { deleteDetached, hasWorkers } from '../remove-plugin.ts'
import { removeCandidate } from './candidate.ts'
import { finishCommit } from './commit.ts'
import { currentRelease, sweep } from './releases.ts'

/**
 * Runs one change of a plugin, installed or not. It has the plugin for itself, and finds what an interrupted command left of
 * it completed or removed. Throws `BUSY`.
 */
export function withReleases<T>(paths: Paths, changer: Changer, change: () => Promise<T>): Promise<T> {
  return withPluginLock(paths, changer, async () => {
    tidy(changer.plugin, paths)
    return await change()
  })
}

/** Asks the daemon, if there is one, to look at what has changed. */
export async function tellDaemon({ control }: Paths): Promise<'told' | 'not running'> {
  return (await askControl(control, 'POST /look')) === undefined ? 'not running' : 'told'
}

function tidy(name: string, paths: Paths): void {
  const { plugins } = paths
  removeCandidate(paths, name)
  if (currentRelease(plugins, name) !== undefined) {
    finishCommit(paths, name)
    sweep(plugins, name)
  } else if (locate(plugins, name).mode !== 'dev_link' && !hasWorkers(name, paths)) {
    // An installation that did not get as far as its pointer, or a removal that got further.
    deleteDetached(name, paths)
  }
}
