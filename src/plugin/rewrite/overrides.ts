import type { LayerText } from '../../config/config.ts'
import { DOCUMENTED_INI, type IniEntry, type IniSection, LATER_INI, parseIni } from '../../config/ini.ts'
import { didYouMean, didYouMeanElse, elseText } from '../../config/nearest.ts'
import { render, type Variables } from '../../config/variables.ts'
import { chooseVariants, splitVariant } from '../../config/variants.ts'
import { Problem } from '../../problem.ts'
import { sizeProblem } from '../file-size.ts'
import { isPublic, keyNamed, nameIn, namesOf, oldNames } from '../key.ts'
import { tableOf } from '../keys.ts'
import type { Dialect } from '../plugin.ts'
import { configuration } from '../section.ts'
import type { PluginSection, Sections } from '../sections.ts'

/** An administrator's file with other values for public keys of one plugin, in the dialect of the plugin. */
export type OverrideText = LayerText

/**
 * The sections of a plugin with the values of its overrides in them, the last text winning. A line that may not stand there
 * changes nothing and is a problem.
 */
export function applyOverrides(sections: Sections, overrides: readonly OverrideText[], variables: Variables): Sections {
  const read = overrides.map((override) => readOverride(override, sections, variables))
  const overridden = (section: PluginSection): PluginSection => {
    const entries = new Map(
      read.flatMap(({ entries }) => (entries.get(section.name) ?? []).map((entry) => [entry.key, entry] as const)),
    )
    return replace(section, [...entries.values()])
  }
  return {
    ...sections,
    general: sections.general === undefined ? undefined : overridden(sections.general),
    apps: sections.apps.map(overridden),
    daemons: sections.daemons.map(overridden),
    custom: sections.custom.map(overridden),
    problems: [...sections.problems, ...read.flatMap(({ problems }) => problems)],
  }
}

/** The names that an override may use in a section, in the order of the reference page. Anything public goes in `[custom…]`. */
export function publicNames(section: string, dialect: Dialect): readonly string[] {
  return Object.values(tableOf(section) ?? {}).flatMap((known) => (isPublic(known) ? (nameIn(dialect, known) ?? []) : []))
}

interface ReadOverride {
  readonly entries: ReadonlyMap<string, readonly IniEntry[]>
  readonly problems: readonly Problem[]
}

function readOverride({ file, text }: OverrideText, sections: Sections, variables: Variables): ReadOverride {
  const large = sizeProblem({ file, text }, 'Remove what is not of the plugin: an override holds only the keys that it changes.')
  if (large !== undefined) return { entries: new Map(), problems: [large] }
  const ini = parseIni(text, file, sections.dialect === 'documented' ? DOCUMENTED_INI : LATER_INI)
  const problems = [...ini.problems]
  const entries = new Map<string, readonly IniEntry[]>()
  for (const section of ini.sections) {
    // A heading that a plugin has lost with its last release says nothing without a key.
    if (section.entries.length === 0) continue
    const own = overridable(sections).find(({ name }) => name === section.name)
    if (own === undefined) {
      problems.push(sectionProblem(section, sections))
      continue
    }
    const check = (entry: IniEntry): Problem | undefined => keyProblem(entry, own) ?? emptyProblem(entry, own, variables)
    const checked = section.entries.map((entry) => ({ entry, problem: check(entry) }))
    problems.push(...checked.flatMap(({ problem }) => problem ?? []))
    const right = checked.filter(({ problem }) => problem === undefined).map(({ entry }) => asIn(own, entry))
    entries.set(section.name, chooseVariants(right, configuration(variables)))
  }
  return { entries, problems }
}

/** A fix is read by people. */
const MOST_LISTED = 20

/** The sections that have keys for an administrator, as far as the plugin has them. */
export function overridable({ general, apps, daemons, custom }: Sections): readonly PluginSection[] {
  return [...(general === undefined ? [] : [general]), ...apps, ...daemons, ...custom]
}

function sectionProblem({ name, where }: IniSection, sections: Sections): Problem {
  const names = overridable(sections).map((section) => section.name)
  const listed = names.slice(0, MOST_LISTED).map((one) => `[${one}]`)
  const more = names.length > MOST_LISTED ? `, and ${names.length - MOST_LISTED} more` : ''
  const all = names.length === 0 ? '' : ` The plugin has ${listed.join(', ')}${more}.`
  const fix = `${didYouMeanElse(name, names, 'remove the section')}${all}`
  return new Problem('OVERRIDE_UNKNOWN', `the plugin has no section [${name}] whose keys can be overridden`, fix, where)
}

/** The entry under the name that the plugin has for the key: what a line overrides has to go, and its variable keeps its name. */
function asIn({ name: section, dialect, entries }: PluginSection, entry: IniEntry): IniEntry {
  const key = plainKey(entry.key)
  const known = keyNamed(key, tableOf(section) ?? {})
  if (known === undefined) return entry
  const written = namesOf(known).find((name) => entries.some((one) => plainKey(one.key) === name))
  return { ...entry, key: `${written ?? nameIn(dialect, known) ?? key}${entry.key.slice(key.length)}` }
}

function keyProblem({ key: written, where }: IniEntry, { name: section, dialect }: PluginSection): Problem | undefined {
  const key = plainKey(written)
  const table = tableOf(section)
  const names = publicNames(section, dialect)
  const known = keyNamed(key, table ?? {})
  if (table === undefined ? !key.startsWith('_') : known !== undefined && isPublic(known)) return undefined
  if (known !== undefined || key.startsWith('_')) {
    const instead = known?.renamed !== undefined && names.includes(known.renamed) ? `Write ${known.renamed} instead.` : undefined
    const only = names.length === 0 ? '' : ` These can be overridden: ${names.join(', ')}.`
    const message = `${key} of [${section}] belongs to the plugin and cannot be overridden`
    return new Problem('OVERRIDE_PRIVATE', message, instead ?? `Remove the line.${only}`, where)
  }
  const fix = elseText(didYouMean(key, names), 'remove the line')
  return new Problem('OVERRIDE_UNKNOWN', `[${section}] has no key "${key}"`, fix, where)
}

/** In a plugin, a line without a value means the default. In an override it would silently switch off what needs a value. */
function emptyProblem(entry: IniEntry, { name: section }: PluginSection, variables: Variables): Problem | undefined {
  const key = plainKey(entry.key)
  const known = keyNamed(key, tableOf(section) ?? {})
  if (known === undefined || render(entry.text, variables, entry.where).text !== '') return undefined
  const result = known.read('')
  if ('value' in result) return undefined
  const fix = `Write ${result.expected}, or remove the line to leave the value of the plugin.`
  return new Problem('INI_BAD_VALUE', `${key} is empty`, fix, entry.where)
}

/** What is overridden goes with its variants, and under its old names too; the rest keeps its order, which the environment has. */
function replace(section: PluginSection, overriding: readonly IniEntry[]): PluginSection {
  const byKey = new Map(overriding.map((entry) => [entry.key, entry]))
  const table = tableOf(section.name) ?? {}
  const old = overriding.flatMap(({ key }) => {
    const known = keyNamed(key, table)
    return [...oldNames(key, table), ...(known === undefined ? [] : namesOf(known).filter((name) => name !== key))]
  })
  const stays = ({ key }: IniEntry): boolean => !old.includes(plainKey(key))
  const entries = section.entries.filter(stays).map((entry) => byKey.get(plainKey(entry.key)) ?? entry)
  return {
    ...section,
    entries: [...new Set([...entries, ...overriding])],
    defaults: section.defaults.filter((entry) => stays(entry) && !byKey.has(plainKey(entry.key))),
  }
}

/** Without its variant. */
export function plainKey(key: string): string {
  return splitVariant(key).key
}
