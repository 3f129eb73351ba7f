import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { desire } from '../../desired/desire.ts'
import type { DesiredState } from '../../desired/desired.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { digest } from '../../host/disk/digest.ts'
import { ownUuid } from '../../host/home/directories.ts'
import type { Paths } from '../../host/home/paths.ts'
import { desireSettings } from '../../host/module/desire-settings.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readMachine } from '../../host/module/machine.ts'
import { type ReadConfig, readConfig } from '../../host/module/read-config.ts'
import { lookAtInstalled, pluginNames } from '../../host/plugins/installed.ts'
import { rememberedLayers } from '../../host/plugins/kept-layers.ts'
import { readOverrides } from '../../host/plugins/override-files.ts'
import { stoppedPlugins } from '../../host/plugins/plugin-marks.ts'
import { findPhpFpm } from '../../host/programs/php-fpm.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { Python2Search } from '../../host/programs/python2.ts'

/** Of a runtime home that was never started. */
export const NO_UUID = '0'.repeat(32)

/** What is on disk now, as a daemon would read it. */
export interface Disk {
  readonly read: ReadConfig
  readonly plugins: readonly InstalledPlugin[]
  /** The desired state of a daemon that found other plugins. */
  readonly desireWith: (plugins: readonly InstalledPlugin[]) => Promise<DesiredState>
}

/** Reads the module and every installed plugin, and changes nothing of them. Throws Problems when there is no Python. */
export async function readDisk(paths: Paths, env: NodeJS.ProcessEnv): Promise<Disk> {
  const read = readConfig(paths, readHardware(), env)
  const machine = readMachine(paths, await ensurePython(paths), env)
  const search = new Python2Search(join(paths.config, 'config.ini'))
  const uuid = existsSync(paths.uuid) ? ownUuid(paths) : NO_UUID
  const desireWith = async (plugins: readonly InstalledPlugin[]): Promise<DesiredState> => {
    const python2 = await search.forPlugins(plugins, read.config.settings.python2.interpreter)
    const here = { ...machine, ...python2, phpFpmPath: findPhpFpm(env) }
    const settings = desireSettings(read.config, here, paths, uuid)
    return desire(plugins, { ...settings, before: rememberedLayers(paths), stopped: stoppedPlugins(paths) }, here, digest)
  }
  const plugins = pluginNames(paths.plugins).flatMap(
    (name) => lookAtInstalled(name, paths, read.variables, readOverrides(name, paths, env)).installed ?? [],
  )
  return { read, plugins, desireWith }
}
