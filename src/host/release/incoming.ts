import { checkNeeds } from '../../package/needs.ts'
import { Problems } from '../../problem.ts'
import { readModule } from '../module-environment.ts'
import type { PackageFacts } from '../package/facts.ts'
import { readHere } from '../package/here.ts'
import { readPackageFacts } from '../package/read-package.ts'
import type { Trust } from '../package/trust.ts'
import { readTrust } from '../package/trust-here.ts'
import { refusedBy } from '../package/unpack.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Reads a .plugin file that is to be installed, whole. Throws Problems: when it is damaged, when the administrator wants a
 * signature that it does not have, and when this machine lacks what it needs.
 */
export async function readIncoming(file: string, at: Surroundings): Promise<PackageFacts> {
  const { paths, env, timeline } = at
  return await timeline.phase('Checking the plugin file', async () => {
    const trust = trustHere(at)
    const facts = await readPackageFacts(file, trust)
    const unsigned = refusedBy({ trust }, facts)
    const { interpreter } = readModule(paths, env).config.settings.python2
    const here = await readHere(facts.needs, interpreter)
    const problems = [...(unsigned === undefined ? [] : [unsigned]), ...checkNeeds(facts.needs, here, { file })]
    if (problems.length > 0) throw new Problems(problems)
    return facts
  })
}

/** Whose signatures count on this machine. */
export function trustHere({ paths, env }: Surroundings): Trust {
  return readTrust(paths, env)
}
