import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from '../../host/disk/text-of.ts'
import { FROZEN } from '../../host/environments/python-builder.ts'
import { requirementLines } from '../../host/environments/requirements.ts'
import { withScratchOf } from '../../host/home/scratch.ts'
import { unpackPackage } from '../../host/package/unpack.ts'
import { locate } from '../../host/releases/plugins-directory.ts'
import { currentRelease, releaseHome } from '../../host/releases/releases.ts'
import type { Preview } from '../../plan/preview.ts'
import { Problem } from '../../problem.ts'
import { previewInstall } from '../check/preview.ts'
import { readIncoming, trustHere } from './incoming.ts'
import type { Surroundings } from './place-of-change.ts'

/** What installing a .plugin file would change, or replacing the plugin of its name by it. Nothing of that is done. */
export async function previewFile(file: string, newName: string | undefined, at: Surroundings): Promise<Preview> {
  const { paths, env } = at
  const facts = await readIncoming(file, at)
  const name = newName ?? facts.name
  const mode = locate(paths.plugins, name).mode
  if (mode === 'dev_link') throw servedFromSources(name)
  if (currentRelease(paths.plugins, name) === facts.id)
    return await previewInstall({ home: releaseHome(paths.plugins, name, facts.id), name }, paths, env)
  return await withScratchOf(paths, 'plan', async (scratch) => {
    const home = join(scratch, facts.name)
    await unpackPackage(file, home, { trust: trustHere(at) })
    if (name !== facts.name) writeFileSync(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    foreseeBuild(home)
    return await previewInstall({ home, name }, paths, env)
  })
}

/** A release does not take the place of a development link, and a plan that says so would be of no use. */
function servedFromSources(name: string): Problem {
  const fix = `Remove the development link first: plugins.uninstall ${name}`
  return new Problem('PLUGIN_EXISTS', `${name} is served from its sources, which no release replaces`, fix)
}

/** A build would make these, and they are part of the environment of the plugin. */
function foreseeBuild(home: string): void {
  const frozen = textOf(join(home, 'python3_virtualenv_sources', FROZEN)) ?? ''
  if (requirementLines(frozen).length === 0) return
  for (const name of ['bin', 'lib']) mkdirSync(join(home, 'local', name), { recursive: true })
}
