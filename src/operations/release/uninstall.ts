import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import { untilNoWorkers } from '../../control/until-ended.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { installedName } from '../../host/plugins/find-plugin.ts'
import { removeOverrideTemplate } from '../../host/plugins/override-template.ts'
import { type PluginEntry, readEntry } from '../../host/plugins/plugin-entry.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import { RELEASES } from '../../host/releases/plugins-directory.ts'
import { releaseHome, releasesOf } from '../../host/releases/releases.ts'
import { forgetPairsOf } from '../../host/tls/kept-pairs.ts'
import { formatProblem, Problem } from '../../problem.ts'
import { tidyReleases, withReleases } from './changes.ts'
import type { Surroundings } from './place-of-change.ts'
import { deleteDetached, deleteTraces, detachPlugin } from './remove-plugin.ts'

export interface Removal {
  /** Its data, its logs and its temporary files go as well. */
  readonly isClean: boolean
  /** Also when the daemon does not confirm it. */
  readonly isForced: boolean
  /** Throws when the plugin must not be removed now. */
  readonly allow: (entry: PluginEntry) => void
}

export interface Uninstalled extends Pick<PluginEntry, 'name' | 'home' | 'mode'> {
  readonly warnings: readonly string[]
}

/**
 * Removes a plugin: its routes go first, then its workers finish their requests, and only then the files they may read. A
 * removal that was interrupted is completed. Throws PLUGIN_NOT_FOUND, and DAEMON_DOWN when the daemon does not let it go.
 */
export async function uninstallPlugin(name: string, removal: Removal, at: Surroundings): Promise<Uninstalled> {
  const { paths } = at
  requireKnown(name, paths)
  const changer = { plugin: name, what: `plugins.uninstall ${name}` }
  return await withReleases(paths, changer, () => remove(find(name, at), removal, at), 'as it was left')
}

async function remove(entry: PluginEntry, removal: Removal, { paths, env, timeline }: Surroundings): Promise<Uninstalled> {
  const { name, home, mode } = entry
  removal.allow(entry)
  const warnings = await timeline.phase('Taking it out of service', async () => {
    if (isThere(name, paths)) detachPlugin(entry, paths)
    return await confirmed(removal, () => untilGone(name, paths))
  })
  if (mode === 'installed') await timeline.phase('Waiting for its workers', () => untilNoWorkers(name, paths))
  await timeline.phase(mode === 'dev_link' ? 'Removing the development link' : 'Deleting its files', () => {
    removeOverrideTemplate(name, paths, env)
    forgetPairsOf(name, paths)
    if (removal.isClean) deleteTraces(entry, paths)
    // The releases last: while they are there, the next command knows that the removal is not complete.
    if (mode === 'dev_link') deleteDetached(name, paths)
    else tidyReleases(name, paths)
  })
  return { name, home, mode, warnings }
}

/** Nothing of a name that was never installed is locked. */
function requireKnown(name: string, paths: Paths): void {
  if (!existsSync(join(paths.plugins, RELEASES, name))) installedName(name, paths.plugins)
}

/** The plugin of that name, or the one whose removal was interrupted after its routes had gone. */
function find(name: string, { paths, env }: Surroundings): PluginEntry {
  const { plugins } = paths
  const { variables } = readModule(paths, env)
  if (isThere(name, paths) || !existsSync(join(plugins, RELEASES, name))) {
    return readEntry(plugins, installedName(name, plugins), variables)
  }
  const last = releasesOf(plugins, name).at(-1)
  const plugin = last === undefined ? undefined : readPlugin(releaseHome(plugins, name, last.id), variables).plugin
  return { name, home: join(plugins, name), mode: 'installed', plugin, problems: [] }
}

function isThere(name: string, { plugins }: Paths): boolean {
  return lstatSync(join(plugins, name), { throwIfNoEntry: false }) !== undefined
}

/** With --force the silence of the daemon is only a warning. */
async function confirmed({ isForced }: Removal, gone: () => Promise<void>): Promise<readonly string[]> {
  try {
    await gone()
    return []
  } catch (error) {
    if (!isForced || !(error instanceof Problem)) throw error
    return [formatProblem(error)]
  }
}

/** Waits until the daemon, if one runs, has let the plugin go. */
async function untilGone(name: string, paths: Paths): Promise<void> {
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return
  const isGone = (plugins: readonly { readonly name: string }[]): boolean => plugins.every((other) => other.name !== name)
  const report = await untilReport(paths, ({ plugins }) => isGone(plugins), ofPlugin(name))
  if (report === undefined || isGone(report.plugins)) return
  throw new Problem(
    'DAEMON_DOWN',
    `the mfserv daemon does not let the plugin ${name} go: nothing has moved for ${Math.round(report.patienceMs / 1000)} s`,
    'See what keeps it from going on: mfserv.status, and mfserv.log in the log directory.',
  )
}
