import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DesiredState } from '../../desired/desired.ts'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { ownUuid } from '../../host/home/directories.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readMachine } from '../../host/module/machine.ts'
import { type ReadConfig, readConfig } from '../../host/module/read-config.ts'
import { desireHere } from '../../host/plugins/desired/desire-here.ts'
import { lookAtAll } from '../../host/plugins/installed.ts'
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
  const here = {
    paths,
    machine,
    config: read.config,
    uuid: existsSync(paths.uuid) ? ownUuid(paths) : NO_UUID,
    python2: new Python2Search(join(paths.config, 'config.ini')),
    env,
  }
  const plugins = lookAtAll(paths, read.variables, env)
  return { read, plugins, desireWith: (others) => desireHere(others, here) }
}

/** As the plugins directory is read: the first in the order of names has a route that two want. */
export function inOrder(plugins: readonly InstalledPlugin[]): readonly InstalledPlugin[] {
  return plugins.toSorted((one, other) => (one.plugin.name < other.plugin.name ? -1 : 1))
}
