import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LAYER_DIRECTORIES, type Layer } from '../../desired/environment.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { currentVirtualenv } from '../environments/virtualenv.ts'
import type { Paths } from '../home/paths.ts'
import { isDirectory } from '../releases/plugins-directory.ts'

/** What a plugin brings into an environment, as it is on disk now. */
export function layerOf(plugin: Plugin, paths: Paths): Layer {
  return {
    plugin,
    // Every release is kept below this directory.
    isDeveloped: !plugin.home.startsWith(`${paths.plugins}/`),
    directories: new Set(LAYER_DIRECTORIES.filter((name) => isDirectory(join(plugin.home, name)))),
    sitePackages: sitePackagesOf(currentVirtualenv(plugin.home)),
  }
}

/** The directory of the packages in a whole virtualenv of Python 3, given by its real directory. */
export function sitePackagesOf(virtualenv: string | undefined): string | undefined {
  if (virtualenv === undefined) return undefined
  const python = readdirSync(join(virtualenv, 'lib')).find((name) => /^python3\.\d+$/.test(name))
  return python === undefined ? undefined : join(virtualenv, 'lib', python, 'site-packages')
}
