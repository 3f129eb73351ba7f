import { readModule } from '../../host/module/module-environment.ts'
import type { PackageFacts } from '../../host/package/facts.ts'
import { readHere } from '../../host/package/here.ts'
import { readPackageFacts } from '../../host/package/read-package.ts'
import type { Trust } from '../../host/package/trust.ts'
import { readTrust } from '../../host/package/trust-here.ts'
import { refusedOnDisk } from '../../host/package/trust-of-release.ts'
import { refusedBy } from '../../host/package/unpack.ts'
import { releaseHome } from '../../host/releases/releases.ts'
import { checkNeeds } from '../../package/needs.ts'
import { formatProblem, isError, type Problem, Problems } from '../../problem.ts'
import type { Surroundings } from './place-of-change.ts'

/**
 * Reads a .plugin file that is to be installed, whole. Throws Problems: when it is damaged, when the administrator wants a
 * signature that it does not have, and when this machine lacks what it needs. Says what is wrong with the settings.
 */
export async function readIncoming(file: string, at: Surroundings): Promise<PackageFacts> {
  const { paths, env, timeline } = at
  return await timeline.phase('Checking the plugin file', async () => {
    const trust = trustHere(at)
    const facts = await readPackageFacts(file, trust)
    const unsigned = refusedBy({ trust }, facts)
    const module = readModule(paths, env)
    const here = await readHere(facts.needs, module.config.settings.python2.interpreter)
    const problems = [...(unsigned === undefined ? [] : [unsigned]), ...checkNeeds(facts.needs, here, { file })]
    const ofSettings = module.problems.filter(maySwitchOff)
    if (problems.length > 0) throw new Problems([...problems, ...ofSettings])
    for (const problem of ofSettings) timeline.say(formatProblem(problem))
    return facts
  })
}

/** A mistake in the settings may leave out what the administrator wants of a release. */
function maySwitchOff(problem: Problem): boolean {
  return isError(problem) || problem.code === 'INI_IGNORED_SECTION'
}

/**
 * For a release that is on the disk: throws RELEASE_SIGNATURE when it could not be installed today, as when its key is not
 * trusted any more.
 */
export function requireTrust(name: string, id: string, at: Surroundings): void {
  const refused = whyNotTrusted(name, id, at)
  if (refused !== undefined) throw refused
}

export function whyNotTrusted(name: string, id: string, at: Surroundings): Problem | undefined {
  return refusedOnDisk(releaseHome(at.paths.plugins, name, id), trustHere(at))
}

/** Whose signatures count on this machine. */
export function trustHere({ paths, env }: Surroundings): Trust {
  return readTrust(paths, env)
}
