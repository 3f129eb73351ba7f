import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Preview } from '../../plan/preview.ts'
import { textOf } from '../build/files.ts'
import { FROZEN } from '../build/python-builder.ts'
import { requirementLines } from '../build/requirements.ts'
import { unpackPackage } from '../package/unpack.ts'
import { previewInstall } from '../preview.ts'
import { withScratchOf } from '../scratch.ts'
import { readIncoming, trustHere } from './incoming.ts'
import type { Surroundings } from './surroundings.ts'

/** What installing a .plugin file would change, or replacing the plugin of its name by it. Nothing of that is done. */
export async function previewFile(file: string, newName: string | undefined, at: Surroundings): Promise<Preview> {
  const { paths, env } = at
  const facts = await readIncoming(file, at)
  return await withScratchOf(paths, 'plan', async (scratch) => {
    const home = join(scratch, facts.name)
    await unpackPackage(file, home, { trust: trustHere(at) })
    const name = newName ?? facts.name
    if (name !== facts.name) writeFileSync(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    foreseeBuild(home)
    return await previewInstall({ home, name }, paths, env)
  })
}

/** A build would make these, and they are part of the environment of the plugin. */
function foreseeBuild(home: string): void {
  const frozen = textOf(join(home, 'python3_virtualenv_sources', FROZEN)) ?? ''
  if (requirementLines(frozen).length === 0) return
  for (const name of ['bin', 'lib']) mkdirSync(join(home, 'local', name), { recursive: true })
}
