import { Problem } from '../problem.ts'
import type { Ini, IniEntry, IniSection } from './ini.ts'
import { didYouMean } from './nearest.ts'

export interface HeirSection extends IniSection {
  /** From `[DEFAULT]`, where the section and its parents say nothing. It need not fit every section. */
  readonly defaults: readonly IniEntry[]
}

export interface Inherited {
  readonly sections: readonly HeirSection[]
  /** Names of the sections that others take values from. */
  readonly parents: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

/** `[child:parent1:parent2]` takes the keys it lacks from its parents, the first parent before the second, then from `[DEFAULT]`. */
export function inherit(ini: Ini): Inherited {
  const family = new Map<string, Member>()
  const problems: Problem[] = []
  for (const section of ini.sections) {
    const [name = '', ...parents] = section.name.split(':').map((part) => part.trim())
    const before = family.get(name)
    if (before === undefined) family.set(name, { ...section, name, parents })
    else
      problems.push(
        new Problem('INI_DUPLICATE', `the section ${name} stands twice`, 'Put all its keys under one of them.', section.where),
      )
  }
  for (const { name, parents, where } of family.values()) {
    for (const parent of parents.filter((candidate) => !family.has(candidate))) {
      const mend = `${didYouMean(parent, family.keys())}Write the name of another section of this file.`
      problems.push(new Problem('INI_UNKNOWN_SECTION', `${name} inherits from "${parent}", which is not there`, mend, where))
    }
  }
  const shared = family.get('DEFAULT')?.entries ?? []
  const heirs = [...family.values()].filter(({ name }) => name !== 'DEFAULT')
  return {
    sections: heirs.map(({ name, where }) => {
      const entries = lineage(name, family, new Set())
      return { name, where, entries, defaults: lacking(entries, shared) }
    }),
    parents: new Set(heirs.flatMap(({ parents }) => parents)),
    problems,
  }
}

interface Member extends IniSection {
  readonly parents: readonly string[]
}

/** Its own entries and, behind them, those of its parents. A circle ends where it would begin again. */
function lineage(name: string, family: ReadonlyMap<string, Member>, seen: Set<string>): readonly IniEntry[] {
  const member = family.get(name)
  if (member === undefined || seen.has(name)) return []
  seen.add(name)
  const entries = [...member.entries]
  for (const parent of member.parents) entries.push(...lacking(entries, lineage(parent, family, seen)))
  return entries
}

function lacking(entries: readonly IniEntry[], candidates: readonly IniEntry[]): readonly IniEntry[] {
  const keys = new Set(entries.map(({ key }) => key))
  return candidates.filter(({ key }) => !keys.has(key))
}
