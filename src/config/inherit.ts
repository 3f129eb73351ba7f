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
        new Problem('INI_DUPLICATE', `the section ${name} is there twice`, 'Put all its keys under one of them.', section.where),
      )
  }
  for (const { name, parents, where } of family.values()) {
    for (const parent of parents.slice(0, MOST_ANCESTORS).filter((candidate) => !family.has(candidate))) {
      // To look for the nearest of many names takes longer than all the rest.
      const hint = problems.length < MOST_HINTS ? didYouMean(parent, family.keys()) : ''
      const fix = `${hint}Write the name of another section of this file.`
      problems.push(new Problem('INI_UNKNOWN_SECTION', `${name} inherits from "${parent}", which is not there`, fix, where))
    }
  }
  const heirs = [...family.values()].filter(({ name }) => name !== 'DEFAULT')
  return {
    sections: heirsOf(heirs, family, problems),
    parents: new Set(heirs.flatMap(({ parents }) => parents)),
    problems,
  }
}

interface Member extends IniSection {
  readonly parents: readonly string[]
}

const MOST_HINTS = 20
/** Sections that one section takes values from. */
const MOST_ANCESTORS = 20
/** Those, and the section itself. */
const LONGEST_LINE = 21
/** Keys of all sections together, those that they inherit too: few lines can make very many of them. */
const MOST_KEYS = 20_000

/** Each with what it inherits, until a file is more than its author can have meant: then the rest is left out, and a problem says so. */
function heirsOf(heirs: readonly Member[], family: ReadonlyMap<string, Member>, problems: Problem[]): readonly HeirSection[] {
  const shared = family.get('DEFAULT')?.entries ?? []
  const sections: HeirSection[] = []
  let keys = 0
  for (const { name, where } of heirs) {
    const line = ancestors(name, family)
    if (line.length > LONGEST_LINE) {
      const fix = `Put the keys of its parents into fewer sections: at most ${MOST_ANCESTORS} for one section.`
      problems.push(new Problem('TOO_LARGE', `[${name}] inherits from more than ${MOST_ANCESTORS} sections`, fix, where))
      return sections
    }
    const entries = firstOfEach(line.flatMap((member) => member.entries))
    const defaults = lacking(entries, shared)
    keys += entries.length + defaults.length
    if (keys > MOST_KEYS) {
      const message = `the sections up to [${name}] have more than ${MOST_KEYS} keys, those counted that they inherit`
      problems.push(new Problem('TOO_LARGE', message, 'Make several plugins of it, or let fewer sections inherit.', where))
      return sections
    }
    sections.push({ name, where, entries, defaults })
  }
  return sections
}

/** The section and, behind it, those that it inherits from, the nearest first; no more than is one too many. A circle ends where it would begin again. */
function ancestors(name: string, family: ReadonlyMap<string, Member>): readonly Member[] {
  const found = new Map<string, Member>()
  const ahead = [name]
  for (let next = ahead.pop(); next !== undefined && found.size <= LONGEST_LINE; next = ahead.pop()) {
    const member = family.get(next)
    if (member === undefined || found.has(next)) continue
    found.set(next, member)
    ahead.push(...member.parents.slice(0, LONGEST_LINE).toReversed())
  }
  return [...found.values()]
}

function firstOfEach(entries: readonly IniEntry[]): readonly IniEntry[] {
  const first = new Map<string, IniEntry>()
  for (const entry of entries) if (!first.has(entry.key)) first.set(entry.key, entry)
  return [...first.values()]
}

function lacking(entries: readonly IniEntry[], candidates: readonly IniEntry[]): readonly IniEntry[] {
  const keys = new Set(entries.map(({ key }) => key))
  return candidates.filter(({ key }) => !keys.has(key))
}
