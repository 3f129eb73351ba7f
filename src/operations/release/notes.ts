import { asDiskProblem } from '../../host/disk/disk-problem.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { writeOverrideTemplate } from '../../host/plugins/override-template.ts'
import { dangersOf, dangersText } from '../../plugin/dangers.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { formatProblem, Problem } from '../../problem.ts'
import { isServed, type Surroundings } from './place-of-change.ts'

/**
 * Writes the commented override file of a release that has come into force; in a directory of plugins that no daemon serves
 * it has none, because the file belongs to the plugin of that name that is served. Answers what its administrator should know: what
 * is dangerous in the plugin, and that an override file of theirs was kept.
 */
export function notesOn(name: string, plugin: Plugin, { paths, env }: Surroundings): readonly string[] {
  const kept = isServed(paths) ? keptOverrides(name, plugin, { paths, env }) : undefined
  return [...dangersText(name, dangersOf(plugin)), ...(kept === undefined ? [] : [formatProblem(kept)])]
}

/** The release serves already: a disk that takes no more keeps only the comments of the override file from being new. */
function keptOverrides(name: string, plugin: Plugin, { paths, env }: Omit<Surroundings, 'timeline'>): Problem | undefined {
  try {
    return writeOverrideTemplate(name, plugin, paths, readModule(paths, env).variables, env)
  } catch (error) {
    const problem = asDiskProblem(error, paths.config)
    if (problem instanceof Problem && problem.code === 'DISK') return problem
    throw error
  }
}
