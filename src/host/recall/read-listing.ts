import { join } from 'node:path'
import { stampsOf } from '../disk/stamps.ts'
import type { Paths } from '../home/paths.ts'
import { readHardware } from '../module/hardware.ts'
import { readConfig } from '../module/read-config.ts'
import { type PluginEntry, readEntry } from '../plugins/plugin-entry.ts'
import { type Facts, stampsIn } from './listing.ts'

/** The files that decide whether a plugin reads; the directory itself changes when one of its entries comes or goes. */
const FILES = ['.', '.layerapi2_label', 'config.ini', '.layerapi2_dependencies', '.layerapi2_extra_env', 'crontab']

export interface ReadForListing {
  readonly entry: PluginEntry
  /** Undefined when the plugin is wrong, or changed while it was read. */
  readonly facts: Facts | undefined
}

/** Reads the plugins of a directory in full, with what is worth remembering of them. */
export function readToRemember(
  directory: string,
  names: readonly string[],
  paths: Paths,
  env: NodeJS.ProcessEnv,
): readonly ReadForListing[] {
  const { variables } = readConfig(paths, readHardware(), env)
  return names.map((name) => {
    const place = join(directory, name)
    const before = stampsOf(FILES.map((file) => join(place, file)))
    const entry = readEntry(directory, name, variables)
    const isStill = stampsOf(FILES.map((file) => join(place, file))) === before
    return { entry, facts: isStill ? factsOf(entry) : undefined }
  })
}

function factsOf({ plugin, home }: PluginEntry): Facts | undefined {
  if (plugin === undefined) return undefined
  const files = [...FILES, ...plugin.apps.map(({ name }) => name)]
  return { version: plugin.version, release: plugin.release, files, stamps: stampsIn(home, files) }
}
