import { dangersOf, dangersText } from '../../plugin/dangers.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { formatProblem } from '../../problem.ts'
import { readModule } from '../module-environment.ts'
import { writeOverrideTemplate } from '../override-template.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Writes the commented override file of a release that has come into force. Answers what its administrator should know: what
 * is dangerous in the plugin, and that an override file of theirs was kept.
 */
export function notesOn(name: string, plugin: Plugin, { paths, env }: Surroundings): readonly string[] {
  const kept = writeOverrideTemplate(name, plugin, paths, readModule(paths, env).variables, env)
  return [...dangersText(name, dangersOf(plugin)), ...(kept === undefined ? [] : [formatProblem(kept)])]
}
