import { variableName } from '../config/config.ts'
import type { IniEntry } from '../config/ini.ts'
import { didYouMean, elseText } from '../config/nearest.ts'
import { processValueProblem } from '../config/process-value.ts'
import { render, type Variables } from '../config/variables.ts'
import { chooseVariants, splitVariant } from '../config/variants.ts'
import { Problem, type Where } from '../problem.ts'
import { fallbackIn, nameIn, namesOf, type PluginKey, type Table, type Values } from './key.ts'
import type { Dialect } from './plugin.ts'
import type { PluginSection } from './sections.ts'

/** What every section of one plugin is read with. */
export interface Reading {
  readonly variables: Variables
}

export interface SectionValues<T extends Table> {
  readonly section: PluginSection
  readonly values: Values<T>
  /** Where each key that is given stands, by its name in the table. */
  readonly given: ReadonlyMap<string, Where>
  /** What each of them is called there. */
  readonly names: ReadonlyMap<string, string>
  /** Every key with its value as text, flags as 1 and 0. */
  readonly texts: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** Reads a section by its table: every problem in it, and a value for each key; a bad one leaves the default. */
export function readSection<T extends Table>(section: PluginSection, table: T, reading: Reading): SectionValues<T> {
  const byName = keysByName(table)
  const values = defaultsOf(table, section.dialect)
  const given = new Map<string, Where>()
  const names = new Map<string, string>()
  const texts = new Map<string, string>()
  const problems: Problem[] = []
  for (const entry of entriesOf(section, table, reading)) {
    const rendered = render(entry.text, reading.variables, entry.where, problems.length)
    problems.push(...rendered.problems)
    const unfit = unfitFor(section, entry, rendered.text)
    if (unfit.length > 0) {
      problems.push(...unfit)
      continue
    }
    texts.set(entry.key, rendered.text)
    const found = byName.get(entry.key)
    if (found === undefined) {
      problems.push(unknownKey(entry, section, table))
      continue
    }
    const [name, known] = found
    problems.push(...otherValue(entry, rendered.text, known, texts))
    names.set(name, entry.key)
    if (rendered.text !== '') given.set(name, entry.where)
    const result = known.read(rendered.text)
    if ('value' in result) {
      values.set(name, result.value)
      problems.push(...notes(entry, known, result.value))
      if (typeof result.value === 'boolean') texts.set(entry.key, result.value ? '1' : '0')
    } else if (rendered.text !== '') {
      problems.push(badValue(entry, rendered.text, result.expected, known))
    }
  }
  const required = Object.entries(table).filter(([name, { required }]) => required === 'always' && !given.has(name))
  problems.push(...required.flatMap(([, known]) => missingKey(section, known)))
  return { section, values: Object.fromEntries(values) as Values<T>, given, names, texts, problems }
}

/** Values of a section without a table, such as `[custom]`: everything is allowed. */
export function readFreeSection(section: PluginSection, reading: Reading) {
  const { variables } = reading
  const texts = new Map<string, string>()
  const problems: Problem[] = []
  for (const entry of entriesOf(section, undefined, reading)) {
    const { text, problems: found } = render(entry.text, variables, entry.where, problems.length)
    problems.push(...found, ...unfitFor(section, entry, text))
    texts.set(entry.key, text)
  }
  return { texts, problems }
}

/** Every key with its value as text, flags as 1 and 0, whatever is wrong with it. */
export function plainTexts(section: PluginSection, table: Table | undefined, reading: Reading): ReadonlyMap<string, string> {
  const byName = keysByName(table ?? {})
  return new Map(
    entriesOf(section, table, reading).map((entry) => {
      const { text } = render(entry.text, reading.variables, entry.where)
      const read = byName.get(entry.key)?.[1].read(text)
      const value = read !== undefined && 'value' in read ? read.value : undefined
      return [entry.key, typeof value === 'boolean' ? (value ? '1' : '0') : text] as const
    }),
  )
}

/** Why no process of the plugin can be given the value. */
function unfitFor({ name }: PluginSection, { key, where }: IniEntry, text: string): readonly Problem[] {
  return processValueProblem('INI_BAD_VALUE', pluginVariable(name, key), text, where)
}

/** The variable that tells the processes of a plugin the value of a key. */
export function pluginVariable(section: string, key: string): string {
  return variableName('MFSERV_CURRENT_PLUGIN', section, key)
}

/** Nothing is missing when the dialect has no such key. A key without a value is told where it stands. */
export function missingKey(section: PluginSection, known: PluginKey<unknown>): readonly Problem[] {
  const name = nameIn(section.dialect, known)
  if (name === undefined) return []
  const example = `${name} = ${known.example ?? known.template}`
  const empty = section.entries.find(({ key, text }) => namesOf(known).includes(splitVariant(key).key) && isEmpty(text))
  if (empty !== undefined) return [emptyValue(section, empty, known, example)]
  const message = `[${section.name}] has no ${name}`
  const around = section.entries.find(({ text }) => continuations(text).some((line) => line.split(/[=:]/)[0]?.trim() === name))
  if (around === undefined) return [new Problem('INI_MISSING_KEY', message, `Add a line such as ${example}`, section.where)]
  const fix = `Begin it at the start of its line: indented, it continues the value of ${around.key}.`
  return [new Problem('INI_MISSING_KEY', message, fix, around.where)]
}

/** Nothing, or only variables: that they read as nothing is known already. */
function isEmpty(text: string): boolean {
  return text.replaceAll(/\{\{[^}]*\}\}/g, '').trim() === ''
}

/** What a plugin runs by has to be there; what it only says of itself may be nothing, as it always could. */
function emptyValue({ name }: PluginSection, entry: IniEntry, known: PluginKey<unknown>, example: string): Problem {
  const key = splitVariant(entry.key).key
  return known.empty === 'is told'
    ? new Problem('INI_EMPTY_VALUE', `${key} of [${name}] is empty`, `It works. Write a value, such as ${example}`, entry.where)
    : new Problem('INI_MISSING_KEY', `${key} of [${name}] is empty`, `Write a value, such as ${example}`, entry.where)
}

/** The indented lines below a value. */
function continuations(text: string): readonly string[] {
  return text.split('\n').slice(1)
}

/** The lines that count in a section: their variants chosen, nothing replaced yet. A section without a table inherits nothing from `[DEFAULT]`. */
export function entriesOf(section: PluginSection, table: Table | undefined, reading: Reading): readonly IniEntry[] {
  const own = chooseVariants(section.entries, configuration(reading.variables))
  if (table === undefined) return own
  const byName = keysByName(table)
  const nameOf = (key: string) => byName.get(key)?.[0]
  const ownKeys = new Set(own.map(({ key }) => nameOf(key)))
  const shared = chooseVariants(section.defaults, configuration(reading.variables))
  return [...own, ...shared.filter(({ key }) => byName.has(key) && !ownKeys.has(nameOf(key)))]
}

export function configuration(variables: Variables): string {
  return variables['MFCONFIG'] ?? 'GENERIC'
}

/** The names of both dialects → the names of the table, and their keys. */
function keysByName(table: Table): ReadonlyMap<string, readonly [name: string, known: PluginKey<unknown>]> {
  return new Map(
    Object.entries(table).flatMap(([name, known]) => namesOf(known).map((written) => [written, [name, known]] as const)),
  )
}

/** A key that is there under both its names has to say the same twice. */
function otherValue(
  { key, where }: IniEntry,
  value: string,
  known: PluginKey<unknown>,
  texts: ReadonlyMap<string, string>,
): readonly Problem[] {
  const other = namesOf(known).find((name) => name !== key && texts.has(name))
  if (other === undefined || texts.get(other) === value) return []
  const message = `${key} is "${value}" and ${other} is "${texts.get(other)}": they are two names of one key`
  return [new Problem('INI_DUPLICATE', message, 'Remove one of the two lines.', where)]
}

function defaultsOf(table: Table, dialect: Dialect): Map<string, unknown> {
  return new Map(
    Object.entries(table).map(([name, known]) => {
      const result = known.read(fallbackIn(dialect, known))
      if (!('value' in result)) throw new Error(`the default of ${name} does not read`)
      return [name, result.value] as const
    }),
  )
}

/** Keys that no `[general]` has, and each app or daemon: its own heading is gone, as when a comment took it. */
const OF_AN_APP = ['type', 'main_arg', 'workers', 'cmd_and_args', '_cmd_and_args', 'numprocesses']

function unknownKey({ key, where }: IniEntry, section: PluginSection, table: Table): Problem {
  if (section.name === 'general' && OF_AN_APP.includes(key)) {
    const fix = 'Write the heading of its section above it: [app_<name>], or [extra_daemon_<name>].'
    return new Problem('INI_UNKNOWN_KEY', `[general] has no key "${key}": it belongs to an app or a daemon`, fix, where)
  }
  const here = Object.values(table).flatMap((known) => nameIn(section.dialect, known) ?? [])
  const fix = elseText(didYouMean(key, here), 'remove the line')
  return section.dialect === 'documented'
    ? new Problem('INI_IGNORED_KEY', `[${section.name}] has no key "${key}", so the line has no effect`, fix, where)
    : new Problem('INI_UNKNOWN_KEY', `[${section.name}] has no key "${key}"`, fix, where)
}

function badValue({ key, text, where }: IniEntry, rendered: string, expected: string, known: PluginKey<unknown>): Problem {
  const reads = rendered === text ? '' : `, which reads "${rendered}"`
  return new Problem(
    'INI_BAD_VALUE',
    `${key} is "${text}"${reads}`,
    `${accident(rendered, (one) => 'value' in known.read(one))}Write ${expected}.`,
    where,
  )
}

/** How a right value is most often spoilt: by what stands behind it or below it. */
export function accident(text: string, isRight: (text: string) => boolean): string {
  const [first = '', below] = text.split('\n')
  if (below !== undefined && isRight(first)) {
    return `The line "${below}" below it is indented, so it continues the value: begin it at the start of the line. `
  }
  const [, bare = '', comment] = /^(.*?)\s([#;].*)$/.exec(first) ?? []
  return comment !== undefined && isRight(bare.trimEnd()) ? `A comment needs a line of its own: move "${comment}" there. ` : ''
}

function notes({ key, text, where }: IniEntry, known: PluginKey<unknown>, value: unknown): readonly Problem[] {
  if (text === '') return []
  if (known.renamed !== undefined) {
    const message = `${key} is an old name of ${known.renamed}`
    return [new Problem('INI_DEPRECATED_KEY', message, `Write ${known.renamed} instead of ${key}.`, where)]
  }
  const fallback = known.read(known.fallback)
  if (known.idle === undefined || ('value' in fallback && fallback.value === value)) return []
  return [new Problem('INI_IGNORED_KEY', `${key} has no effect: ${known.idle.because}`, 'Remove the line.', where)]
}
