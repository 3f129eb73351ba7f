import { join } from 'node:path'
import type { DesiredState } from '../../desired/desired.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { readText } from '../../host/disk/read-text.ts'
import type { Paths } from '../../host/home/paths.ts'
import { proveRoutes } from '../../host/nginx/nginx-front.ts'
import { installedName } from '../../host/plugins/find-plugin.ts'
import { asInstalled } from '../../host/plugins/installed.ts'
import { overrideTexts } from '../../host/plugins/override-files.ts'
import { readSources } from '../../host/plugins/read-plugin.ts'
import { freeMemory, memoryOfWorkers } from '../../host/workers/worker-memory.ts'
import { type Preview, preview } from '../../plan/preview.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import type { OverrideText } from '../../plugin/rewrite/overrides.ts'
import { type PluginSetting, pluginSettings } from '../../plugin/settings.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { type Disk, inOrder, readDisk } from './disk-now.ts'

/** A plugin that is not installed yet: its whole tree lies in `home`. */
export interface NewPlugin {
  /** Absolute. */
  readonly home: string
  /** The name it would have; that of its label when it is left out. */
  readonly name?: string
  /** The administrator's values for it; what is in force for that name when they are left out. */
  readonly overrides?: readonly OverrideText[]
}

/**
 * What would change if the plugin in a directory were installed, or took the place of the one of its name. Nothing is
 * changed; nginx proves the configuration that there would be. Throws Problems when the plugin does not read.
 */
export async function previewInstall(wanted: NewPlugin, paths: Paths, env: NodeJS.ProcessEnv): Promise<Preview> {
  const disk = await readDisk(paths, env)
  const { plugin: labelled } = readSources(wanted.home, disk.read.variables, [])
  const name = wanted.name ?? labelled?.name ?? ''
  const overrides = wanted.overrides ?? (name === '' ? [] : overrideTexts(name, paths, env))
  const { plugin, problems } = readSources(wanted.home, disk.read.variables, overrides)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
  const next = asInstalled({ ...plugin, name }, { is: 'installed', at: join(paths.plugins, name) })
  return compare(name, next, overrides, disk, problems, paths, env)
}

/** What nginx would not take of a plugin if it were installed; nothing is changed. */
export async function refusedByNginx(plugin: Plugin, paths: Paths, env: NodeJS.ProcessEnv): Promise<readonly Problem[]> {
  const { name } = plugin
  const disk = await readDisk(paths, env)
  const others = disk.plugins.filter((one) => one.plugin.name !== name)
  const next = asInstalled(plugin, { is: 'installed', at: join(paths.plugins, name) })
  return refusals(name, await disk.desireWith(inOrder([...others, next])), paths)
}

/** What would change if an installed plugin were removed. Throws PLUGIN_NOT_FOUND. */
export async function previewUninstall(wanted: string, paths: Paths, env: NodeJS.ProcessEnv): Promise<Preview> {
  const name = installedName(wanted, paths.plugins)
  return compare(name, undefined, [], await readDisk(paths, env), [], paths, env)
}

async function compare(
  name: string,
  next: InstalledPlugin | undefined,
  overrides: readonly OverrideText[],
  disk: Disk,
  problems: readonly Problem[],
  paths: Paths,
  env: NodeJS.ProcessEnv,
): Promise<Preview> {
  const others = disk.plugins.filter(({ plugin }) => plugin.name !== name)
  const old = disk.plugins.find(({ plugin }) => plugin.name === name)
  const before = await disk.desireWith(disk.plugins)
  const after = await disk.desireWith(next === undefined ? others : inOrder([...others, next]))
  const settingsOf = (one: InstalledPlugin | undefined, texts: readonly OverrideText[]): readonly PluginSetting[] => {
    if (one === undefined) return []
    const file = join(one.plugin.home, 'config.ini')
    return pluginSettings({ file, text: readText(file, []) ?? '' }, texts, disk.read.variables)
  }
  return preview({
    plugin: name,
    before,
    after,
    settings: {
      before: settingsOf(old, old === undefined ? [] : overrideTexts(name, paths, env)),
      after: settingsOf(next, overrides),
    },
    measured: memoryOfWorkers(paths),
    freeMemory: freeMemory(),
    problems: [...problems, ...(await refusals(name, after, paths))],
  })
}

/** What nginx would not take of this plugin. */
async function refusals(name: string, after: DesiredState, paths: Paths): Promise<readonly Problem[]> {
  if (!after.front) return []
  try {
    const refused = (await proveRoutes(paths, after.routes)).get(name)
    return refused === undefined ? [] : [refused]
  } catch (error) {
    if (error instanceof Problems) return error.all
    if (error instanceof Problem) return [error]
    throw error
  }
}
