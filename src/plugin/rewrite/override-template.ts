import { comment } from '../../config/edit/comment.ts'
import type { Variables } from '../../config/variables.ts'
import { fallbackIn, isPublic, nameIn, namesOf, oldNames, type Table } from '../key.ts'
import { tableOf } from '../keys.ts'
import type { SourceFile } from '../layer-files.ts'
import type { Dialect } from '../plugin.ts'
import { entriesOf, type Reading } from '../section.ts'
import { type PluginSection, readSections } from '../sections.ts'
import { line } from './config-ini-text.ts'
import { overridable } from './overrides.ts'

/**
 * What an administrator starts from: every key of the plugin that can be overridden, with its meaning and the value of the
 * plugin, all of it commented out. `siteFile`: the file that wins over this one.
 */
export function overrideTemplate(name: string, configIni: SourceFile, siteFile: string, variables: Variables): string {
  const sections = overridable(readSections(configIni)).map((section) => sectionText(section, { variables }))
  return `${[header(name, siteFile), ...sections].join('\n\n')}\n`
}

function header(name: string, siteFile: string): string {
  const paragraphs = [
    `Other values for the plugin ${name} on this machine. mfserv wrote this file when the plugin was installed.`,
    'Every key that can be overridden stands below with the value of the plugin. To change one, remove the # in front of it and write your value: it counts at once, and no restart is needed. What is not here belongs to the plugin.',
    `mfserv config show ${name} says which value counts and where it comes from. ${siteFile} wins over this file.`,
  ]
  return paragraphs.map(comment).join('\n#\n')
}

function sectionText(section: PluginSection, reading: Reading): string {
  const table = tableOf(section.name)
  const given = new Map(entriesOf(section, table, reading).map(({ key, text }) => [key, text]))
  const lines = table === undefined ? freeLines(given) : knownLines(table, given, section.dialect)
  return [`[${section.name}]`, ...lines].join('\n')
}

/** In a section of the plugin's own, everything is a value that can be overridden, unless its name says that it is private. */
function freeLines(given: ReadonlyMap<string, string>): readonly string[] {
  return [...given].filter(([name]) => !name.startsWith('_')).map(([name, text]) => commentedOut(name, text))
}

function knownLines(table: Table, given: ReadonlyMap<string, string>, dialect: Dialect): readonly string[] {
  return Object.values(table).flatMap((key) => {
    const name = namesOf(key).find((one) => given.has(one)) ?? nameIn(dialect, key)
    if (name === undefined || !isPublic(key)) return []
    const [text = fallbackIn(dialect, key)] = [...oldNames(name, table), name].flatMap((one) => given.get(one) ?? [])
    return [`${comment(key.doc)}\n${commentedOut(name, text)}`]
  })
}

/** No blank behind the `#`: that is how a key differs from the sentences above it. */
function commentedOut(name: string, text: string): string {
  return line(name, text).replaceAll(/^/gm, '#')
}
