import { DOCUMENTED_INI, type IniDialect, LATER_INI, parseIni } from '../../config/ini.ts'
import type { Variables } from '../../config/variables.ts'
import { oldNames } from '../key.ts'
import { tableOf } from '../keys.ts'
import type { SourceFile } from '../layer-files.ts'
import { readSections } from '../sections.ts'
import { type PluginSetting, pluginSettings } from '../settings.ts'
import { line } from './config-ini-text.ts'
import { type OverrideText, plainKey } from './overrides.ts'

/** A value that moves from an override into the config.ini of the plugin. As they are written, variables not replaced. */
export interface MovedValue {
  /** `NEW`: the plugin said nothing of the key. */
  readonly kind: 'CHANGED' | 'NEW'
  readonly section: string
  readonly key: string
  readonly before: string | undefined
  readonly after: string
}

/** Writing a value may change that of a section which inherits it, and then that one is written too: a section has few ancestors. */
const PASSES = 25

/**
 * The config.ini of a plugin with the values of its overrides written into it, so that it is the same without them. Comments
 * and everything else stay; variants and old names of a key that is overridden go, since they would win over it.
 */
export function withOverrides(
  configIni: SourceFile,
  overrides: readonly OverrideText[],
  variables: Variables,
): { readonly text: string; readonly moved: readonly MovedValue[] } {
  const { dialect } = readSections(configIni)
  const wanted = pluginSettings(configIni, overrides, variables)
  const moved: MovedValue[] = []
  let { text } = configIni
  for (let pass = 0; pass < PASSES; pass += 1) {
    const present = pluginSettings({ ...configIni, text }, [], variables)
    const changes = wanted.filter((setting) => !isSaid(setting, present, wanted))
    if (changes.length === 0) break
    if (pass === 0) moved.push(...changes.map((setting) => movedValue(setting, present)))
    for (const change of changes) {
      const names = [change.key, ...outOfForce(change, wanted)]
      text = withValue(text, change, names, configIni, dialect === 'documented' ? DOCUMENTED_INI : LATER_INI)
    }
  }
  return { text, moved }
}

/** Whether the file alone says it so, and by no old name that the overrides have put out of force. */
function isSaid(setting: PluginSetting, present: readonly PluginSetting[], wanted: readonly PluginSetting[]): boolean {
  const { section, key, written, from } = setting
  const found = settingOf(section, key, present)
  const isThere = from.layer === 'default' || found?.from.layer === 'plugin'
  const saysOtherwise = (name: string): boolean => (settingOf(section, name, present)?.written ?? written) !== written
  return isThere && found?.written === written && !outOfForce(setting, wanted).some(saysOtherwise)
}

/** The old names of a key that do not count any more. */
function outOfForce({ section, key }: PluginSetting, wanted: readonly PluginSetting[]): readonly string[] {
  return oldNames(key, tableOf(section) ?? {}).filter((name) => settingOf(section, name, wanted) === undefined)
}

function movedValue({ section, key, written }: PluginSetting, present: readonly PluginSetting[]): MovedValue {
  // An old name wins over the new one.
  const said = [...oldNames(key, tableOf(section) ?? {}), key].flatMap((name) => settingOf(section, name, present) ?? [])
  const before = said.find(({ from }) => from.layer === 'plugin')
  return { kind: before === undefined ? 'NEW' : 'CHANGED', section, key, before: before?.written, after: written }
}

function settingOf(section: string, key: string, settings: readonly PluginSetting[]): PluginSetting | undefined {
  return settings.find((one) => one.section === section && one.key === key)
}

/**
 * The first line that says the key says it anew, the others go; where none does, it stands below the heading. What the
 * section inherits under an old name or as a variant would win over it, so that is said anew as well.
 */
function withValue(
  text: string,
  { section, key, written }: PluginSetting,
  names: readonly string[],
  configIni: SourceFile,
  dialect: IniDialect,
): string {
  const own = parseIni(text, '', dialect).sections.find(({ name }) => name.split(':')[0]?.trim() === section)
  if (own === undefined) return text
  const said = own.entries.filter((entry) => names.includes(plainKey(entry.key)))
  const lines = text.split(/\r\n|\r|\n/)
  const gone = new Set(said.flatMap(({ where }) => linesOfEntry(indexOf(where), lines, dialect)))
  // Seen without what the section says itself, which hides what it inherits.
  const bare = lines.map((one, index) => (gone.has(index) ? '' : one)).join('\n')
  const { apps, daemons, custom } = readSections({ ...configIni, text: bare })
  const inherited = [...apps, ...daemons, ...custom]
    .filter(({ name }) => name === section)
    .flatMap(({ entries, defaults }) => [...entries, ...defaults])
    .filter((entry) => entry.key !== key && names.includes(plainKey(entry.key)))
  const anew = [key, ...inherited.map((entry) => entry.key)].map((name) => line(name, written))
  const [{ where } = own] = said
  const kept = lines.map((one, index) => [...(gone.has(index) ? [] : [one]), ...(index === indexOf(where) ? anew : [])])
  return kept.flat().join('\n')
}

function indexOf({ line: number = 1 }: { readonly line?: number }): number {
  return number - 1
}

/** The line of a key and those that go on with its value; comments and empty lines between them stay. */
function linesOfEntry(start: number, lines: readonly string[], { comments }: IniDialect): readonly number[] {
  const [first = '', ...below] = lines.slice(start)
  const indent = (text: string): number => text.length - text.trimStart().length
  const found = [start]
  for (const [index, text] of below.entries()) {
    const trimmed = text.trim()
    if (trimmed === '' || comments.includes(trimmed.charAt(0))) continue
    if (indent(text) <= indent(first)) break
    found.push(start + 1 + index)
  }
  return found
}
