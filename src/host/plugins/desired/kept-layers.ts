import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LayeredPlugin } from '../../../desired/installed.ts'
import { keepPrivately } from '../../disk/private-file.ts'
import type { Paths } from '../../home/paths.ts'
import { isInstalled, modelOf, modelText } from '../installed.ts'

/** Keeps the plugins that depend on others: a daemon that takes over goes on with them although what they depend on is gone. */
export function rememberLayers(paths: Paths, plugins: readonly LayeredPlugin[]): void {
  const file = fileIn(paths)
  const text = modelText(plugins.filter(({ layers }) => layers.length > 0))
  if (existsSync(file) || text !== '[]') keepPrivately(file, text)
}

/** Those of the daemon before; none when it was stopped in order. */
export function rememberedLayers(paths: Paths): readonly LayeredPlugin[] {
  const kept = modelOf(fileIn(paths))
  return Array.isArray(kept) ? kept.filter(isLayered) : []
}

export function forgetLayers(paths: Paths): void {
  rmSync(fileIn(paths), { force: true })
}

/** No plugin has a name that begins with a dot. */
function fileIn(paths: Paths): string {
  return join(paths.models, '.layers.json')
}

function isLayered(value: unknown): value is LayeredPlugin {
  return isInstalled(value) && 'layers' in value && Array.isArray(value.layers) && value.layers.every(isInstalled)
}
