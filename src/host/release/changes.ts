import { rmSync } from 'node:fs'
import { askControl } from '../../daemon/control.ts'
import type { Paths } from '../paths.ts'
import { withPluginLock } from '../plugin-lock.ts'
import { locate } from '../plugins-directory.ts'
import { deleteDetached, hasWorkers } from '../remove-plugin.ts'
import { finishCommit } from './commit.ts'
import { currentRelease, namesWithReleases, sweep } from './releases.ts'

/**
 * Runs one change of the installed plugins. It has them for itself, and finds what an interrupted command left completed or
 * removed. `what` are the words of the command, for those who wait. Throws `BUSY`.
 */
export function withReleases<T>(paths: Paths, what: string, change: () => Promise<T>): Promise<T> {
  return withPluginLock(paths, what, async () => {
    rmSync(paths.candidates, { recursive: true, force: true })
    for (const name of namesWithReleases(paths.plugins)) tidy(name, paths)
    return await change()
  })
}

/** Asks the daemon, if there is one, to look at what has changed. */
export async function tellDaemon({ control }: Paths): Promise<'told' | 'not running'> {
  return (await askControl(control, 'POST /look')) === undefined ? 'not running' : 'told'
}

function tidy(name: string, paths: Paths): void {
  const { plugins } = paths
  if (currentRelease(plugins, name) !== undefined) {
    finishCommit(paths, name)
    sweep(plugins, name)
  } else if (locate(plugins, name).mode !== 'dev_link' && !hasWorkers(name, paths)) {
    // An installation that did not get as far as its pointer, or a removal that got further.
    deleteDetached(name, paths)
  }
}
