import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport } from '../../control/protocol.ts'
import { type Reach, reachable } from '../../control/reachable.ts'
import { linkAtomically } from '../../host/disk/atomic.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readConfig } from '../../host/module/read-config.ts'
import { withPluginLock } from '../../host/plugins/plugin-lock.ts'
import { runPostinstall } from '../../host/plugins/postinstall.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import type { Report } from '../../host/process/run-tool.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { isError, Problem, Problems } from '../../problem.ts'

export type Developed =
  | { readonly is: 'linked'; readonly name: string }
  /** `plugin` and `reach` are undefined when mfserv stopped meanwhile. */
  | {
      readonly is: 'tried'
      readonly name: string
      readonly plugin: PluginReport | undefined
      readonly reach: Reach | undefined
    }

/**
 * Runs the postinstall of the plugin in `home`, links it, and waits until the daemon has decided whether it serves; `linked`
 * when none runs. Throws what is wrong with its files. `say`: what takes long, and what served before.
 */
export async function developPlugin(home: string, name: string | undefined, paths: Paths, say: Report): Promise<Developed> {
  await runPostinstall(home, paths, process.env, say)
  const linked = checkForLink(home, name, paths)
  const link = { plugin: linked, what: `develop ${home}` }
  const before = await withPluginLock(paths, link, () => linkPlugin(home, linked, paths))
  if (before !== undefined) say(`${linked} was served from ${before} until now.`)
  if ((await askControl(paths.control, 'POST /look', { plugin: linked })) === undefined) return { is: 'linked', name: linked }
  const find = (plugins: readonly PluginReport[]): PluginReport | undefined => plugins.find((plugin) => plugin.name === linked)
  const report = await untilReport(paths, ({ plugins }) => isSettled(find(plugins)), ofPlugin(linked))
  const reach = report === undefined ? undefined : reachable(report)
  return { is: 'tried', name: linked, plugin: find(report?.plugins ?? []), reach }
}

function isSettled(plugin: PluginReport | undefined): boolean {
  return plugin !== undefined && plugin.state !== 'starting'
}

/** The name of the plugin in `home`, which is to be linked. Throws Problems when its files are not right, or it is not `name`. */
function checkForLink(home: string, name: string | undefined, paths: Paths): string {
  const { variables } = readConfig(paths, readHardware(), process.env)
  const { plugin, problems } = readPlugin(home, variables)
  if (plugin === undefined || problems.some(isError)) throw new Problems(problems)
  if (name !== undefined && name !== plugin.name) {
    throw new Problem(
      'PLUGIN_NAME',
      `the plugin in ${home} is called ${plugin.name}, not ${name}`,
      'Leave the name out, or change .layerapi2_label.',
    )
  }
  return plugin.name
}

/**
 * Installs the plugin in `home` as a link to it, and answers the directory that the name was linked to until now, if that is
 * another one. Needs the plugin lock. Throws PLUGIN_EXISTS when a release is installed.
 */
function linkPlugin(home: string, name: string, { plugins }: Paths): string | undefined {
  const entry = join(plugins, name)
  const { mode, home: installed } = locate(plugins, name)
  if (mode === 'installed' && installed !== undefined) {
    throw new Problem(
      'PLUGIN_EXISTS',
      `a plugin ${name} is installed, and a development link would take its place`,
      `Remove it first: plugins.uninstall ${name}`,
      { file: entry },
    )
  }
  const real = realpathSync(home)
  linkAtomically(real, entry)
  return mode === 'dev_link' && installed !== real ? installed : undefined
}
