import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { newWorld, writeFile } from '../world.ts'

export const world = await newWorld('[plugin_shop]\ngreeting = it\'s $(exit 1) `exit 1`; exit 1 "\n')

after(() => rmSync(world.home, { recursive: true, force: true }))

export const paths = pathsOf(world.home)
export const sources = join(world.home, 'sources')

/** Installed as a directory. */
export const blog = makePlugin(join(paths.plugins, 'blog'), 'blog')

/** Installed as a development link. */
export const shop = makePlugin(join(sources, 'shop'), 'shop')

symlinkSync(shop, join(paths.plugins, 'shop'))

/** A plugin with one static app, or one of another kind. */
export function makePlugin(home: string, name: string, app = 'type=static'): string {
  const general = 'version=1.2.3\nsummary=a test\nlicense=BSD\nurl=http://example.org\nmaintainer=me\nvendor=us'
  writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
  writeFile(join(home, 'config.ini'), `[general]\n${general}\n[app_main]\n${app}\n`)
  writeFile(join(home, 'main/index.html'), `${name}\n`)
  return home
}

export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
}
