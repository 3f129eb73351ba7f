import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { PluginReport } from '../../control/protocol.ts'
import { pluginTrouble } from '../../control/trouble-text.ts'
import { untilNoWorkers } from '../../control/until-ended.ts'
import type { Paths } from '../../host/home/paths.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { currentRelease } from '../../host/releases/releases.ts'
import { validateName } from '../../plugin/name.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import { shellArgument } from '../../shell-quote.ts'
import { type Brought, bringIn } from './bring-in.ts'
import { tellDaemon, withReleases } from './changes.ts'
import { readIncoming } from './incoming.ts'
import { notesOn } from './notes.ts'
import type { Surroundings } from './place-of-change.ts'
import { deleteDetached, detachPlugin } from './remove-plugin.ts'
import { type Settled, switchOver } from './switch-over.ts'
import { endTrial, refused, tryRelease } from './try-release.ts'

export interface Installed {
  readonly name: string
  readonly release: string
  readonly version: string
  readonly home: string
  /** `serving`: its workers answer. `installed`: no daemon runs, so nothing has been tried. */
  readonly state: 'serving' | 'installed'
  readonly apps: PluginReport['apps']
  /** What an administrator should know of the plugin, and of its override file. */
  readonly notes: readonly string[]
}

/**
 * Installs a .plugin file under the name of its label, or another one, without any network. When the daemon runs, the
 * workers are started and asked before the first request can reach them. Throws Problems; then nothing is installed.
 */
export async function installPlugin(file: string, newName: string | undefined, at: Surroundings): Promise<Installed> {
  const { paths } = at
  const facts = await readIncoming(file, at)
  const name = newName ?? facts.name
  const wrong = validateName(name, { file })
  if (wrong !== undefined) throw wrong
  return withReleases(paths, { plugin: name, what: `plugins.install ${file}` }, async () => {
    refuseInstalled(name, newName === undefined ? shellArgument(file) : `--new-name ${newName} ${shellArgument(file)}`, at)
    const brought = await bringIn(file, facts, name, at)
    try {
      return await bringIntoService(name, brought, at)
    } catch (error) {
      // What has come into force stays, whatever went wrong after it.
      if (currentRelease(paths.plugins, name) === undefined) await removeTried(name, paths)
      throw error
    }
  })
}

/** Without a daemon its workers may go on; then the next command removes what they were started from. */
async function removeTried(name: string, paths: Paths): Promise<void> {
  await endTrial(name, paths)
  if ((await untilNoWorkers(name, paths)) === 0) deleteDetached(name, paths)
}

async function bringIntoService(name: string, { record, plugin }: Brought, at: Surroundings): Promise<Installed> {
  const { paths, timeline } = at
  await tryRelease({ name, release: record.id, plugin }, paths, timeline)
  const settled = await timeline.phase('Bringing it into service', () => switchOver({ name, release: record.id }, paths))
  if (settled.is === 'settled' && settled.report.state !== 'serving') {
    detachPlugin({ name }, paths)
    await tellDaemon(paths)
    throw refused(name, record.id, pluginTrouble(settled.report))
  }
  return installed(name, record, plugin, settled, at)
}

function installed(
  name: string,
  { id, version }: Brought['record'],
  plugin: Plugin,
  settled: Settled,
  at: Surroundings,
): Installed {
  const base = { name, release: id, version, home: join(at.paths.plugins, name), notes: notesOn(name, plugin, at) }
  if (settled.is === 'not running') return { ...base, state: 'installed', apps: [] }
  return { ...base, state: 'serving', apps: settled.report.apps }
}

/** `words`: what follows the name of the command that would do it. */
function refuseInstalled(name: string, words: string, { paths }: Surroundings): void {
  const entry = join(paths.plugins, name)
  if (lstatSync(entry, { throwIfNoEntry: false }) === undefined) return
  const isDevLink = locate(paths.plugins, name).mode === 'dev_link'
  throw new Problem(
    'PLUGIN_EXISTS',
    `a plugin ${name} is ${isDevLink ? 'served from its sources' : 'installed already'}`,
    isDevLink ? `Remove the development link first: plugins.uninstall ${name}` : `Replace it: plugins.hotswap ${words}`,
    { file: entry },
  )
}
