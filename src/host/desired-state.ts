import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { desireSettings } from '../daemon/settings.ts'
import { desire, type InstalledPlugin } from '../desired/desire.ts'
import type { DesiredState } from '../desired/desired.ts'
import { digest } from './digest.ts'
import { ownUuid } from './directories.ts'
import { readHardware } from './hardware.ts'
import { lookAtInstalled, pluginNames } from './installed.ts'
import { rememberedLayers } from './layer-memory.ts'
import { readMachine } from './machine.ts'
import { readOverrides } from './override-files.ts'
import type { Paths } from './paths.ts'
import { findPhpFpm } from './php-fpm.ts'
import { ensurePython } from './python-framework.ts'
import { Python2Search } from './python2.ts'
import { type ReadConfig, readConfig } from './read-config.ts'

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
    return desire(plugins, { ...settings, before: rememberedLayers(paths) }, here, digest)
  }
  const plugins = pluginNames(paths.plugins).flatMap(
    (name) => lookAtInstalled(name, paths, read.variables, readOverrides(name, paths, env)).installed ?? [],
  )
  return { read, plugins, desireWith }
}
