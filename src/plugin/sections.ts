import { type HeirSection, type Inherited, inherit } from '../config/inherit.ts'
import { DOCUMENTED_INI, type Ini, type IniSection, LATER_INI, parseIni } from '../config/ini.ts'
import { didYouMeanElse, elseText, nearest } from '../config/nearest.ts'
import { splitVariant } from '../config/variants.ts'
import { Problem } from '../problem.ts'
import { sizeProblem } from './file-size.ts'
import { namesOf, type Table } from './key.ts'
import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from './keys.ts'
import type { SourceFile } from './layer-files.ts'
import type { Dialect } from './plugin.ts'

/** A section and the dialect it is written in: each may have another, and keys of both. */
export interface PluginSection extends HeirSection {
  readonly dialect: Dialect
}

/** The sections of a config.ini, sorted by what they are. */
export interface Sections {
  /** How the lines of the file are read, and what a section is written in that does not say. */
  readonly dialect: Dialect
  readonly general: PluginSection | undefined
  readonly apps: readonly PluginSection[]
  readonly daemons: readonly PluginSection[]
  /** `[custom…]`, whose keys are the plugin's own. */
  readonly custom: readonly PluginSection[]
  readonly problems: readonly Problem[]
}

export function readSections(source: SourceFile): Sections {
  const { file, text } = source
  const large = sizeProblem(source, 'Make several plugins of it, or move what is data into files of the plugin.')
  if (large !== undefined) {
    return { dialect: 'documented', general: undefined, apps: [], daemons: [], custom: [], problems: [large] }
  }
  const dialect = dialectOfFile(parseIni(text, file, DOCUMENTED_INI))
  const ini = parseIni(text, file, dialect === 'documented' ? DOCUMENTED_INI : LATER_INI)
  const inherited = dialect === 'documented' ? inherit(ini) : withoutInheritance(ini)
  const sections = inherited.sections.map((section): PluginSection => ({ ...section, dialect: dialectOf(section) ?? dialect }))
  const isKnown = ({ name }: HeirSection): boolean => /^(general$|app_|extra_daemon_|custom|internal$|_)/.test(name)
  const unknown = sections.filter((section) => !isKnown(section) && !inherited.parents.has(section.name))
  return {
    dialect,
    general: sections.find(({ name }) => name === 'general'),
    apps: sections.filter(({ name }) => name.startsWith('app_')),
    daemons: sections.filter(({ name }) => name.startsWith('extra_daemon_')),
    custom: sections.filter(({ name }) => name.startsWith('custom')),
    problems: [
      ...ini.problems,
      ...inherited.problems,
      ...unknown.map((section) => unknownSection(section, dialect)),
      ...(dialect === 'documented' ? unknownDefaults(ini) : []),
    ],
  }
}

/** A file of both is read as the documented one is, which takes more: `;` comments, `:`, and sections that inherit. */
function dialectOfFile({ sections }: Ini): Dialect {
  const found = new Set(sections.map(dialectOf))
  return found.has('later') && !found.has('documented') ? 'later' : 'documented'
}

/** What only one dialect has, the first that is found being what the section is written in: `general`, then of an app, then of a daemon. */
const MARKS: Readonly<Record<string, readonly (readonly [RegExp, Dialect])[]>> = {
  general: [
    [/^(version|summary|license|url|maintainer|packager|vendor)$/, 'documented'],
    [/^_/, 'later'],
  ],
  app: [
    [/^type$/, 'documented'],
    [/^_cmd_and_args$/, 'later'],
    [/^(main_arg|gunicorn_arg|node_arg)$/, 'documented'],
    [/^numprocesses$/, 'later'],
  ],
  extra: [
    [/^cmd_and_args$/, 'documented'],
    [/^_cmd_and_args$/, 'later'],
  ],
}

function dialectOf({ name, entries }: Pick<IniSection, 'name' | 'entries'>): Dialect | undefined {
  const [kind = ''] = /^(general(?=$|\s*:)|app(?=_)|extra(?=_daemon_))/.exec(name) ?? []
  const keys = entries.map(({ key }) => splitVariant(key).key)
  return MARKS[kind]?.find(([mark]) => keys.some((key) => mark.test(key)))?.[1]
}

function withoutInheritance({ sections }: Ini): Inherited {
  return { sections: sections.map((section) => ({ ...section, defaults: [] })), parents: new Set(), problems: [] }
}

/** The section that was most likely meant by an unknown one; undefined when nothing speaks for one. */
function meantBy({ name, entries }: HeirSection): string | undefined {
  const [, first = name, rest = ''] = /^([^_]*)_(.*)$/.exec(name) ?? []
  const [, ahead = '', last = ''] = /^(.*)_([^_]*)$/.exec(name) ?? []
  const [, daemon] = /^(?:extra_)?daemons?_(.+)$/.exec(name) ?? []
  const hasKeyOf = (table: Table): boolean => entries.some(({ key }) => Object.hasOwn(table, key.replace(/^_/, '')))
  const has = (...keys: readonly string[]): boolean => entries.some(({ key }) => keys.includes(key))
  if (nearest(name, ['general']) !== undefined) return 'general'
  if (daemon !== undefined) return `extra_daemon_${daemon}`
  if (nearest(ahead, ['extra_daemon']) !== undefined && hasKeyOf(DAEMON_KEYS)) return `extra_daemon_${last}`
  if (nearest(first, ['app']) !== undefined && rest !== '' && hasKeyOf(APP_KEYS)) return `app_${rest}`
  if (nearest(first, ['custom']) !== undefined) return rest === '' ? 'custom' : `custom_${rest}`
  if (has('type', 'main_arg', 'workers', '_cmd_and_args', 'numprocesses'))
    return `app_${name.replace(/^app[^A-Za-z0-9]*/i, '') || 'main'}`
  return has('cmd_and_args') ? `extra_daemon_${name}` : undefined
}

/**
 * What a section without effect was meant for may be what serves now: a slip in its name is refused, so that the version before
 * stays in service. Of other sections the documented dialect always let pass what it does not know.
 */
function unknownSection(section: HeirSection, dialect: Dialect): Problem {
  const { name, where } = section
  const rest = name.slice(name.lastIndexOf('_') + 1)
  const meant = meantBy(section)
  const fix = elseText(meant === undefined ? '' : `Did you mean "${meant}"? `, `remove it, or name it [custom_${rest}]`)
  return dialect === 'documented' && meant === undefined
    ? new Problem('INI_IGNORED_SECTION', `the section [${name}] is not known, so it has no effect`, fix, where)
    : new Problem('INI_UNKNOWN_SECTION', `the section [${name}] is not known`, fix, where)
}

/** A key of `[DEFAULT]` need not fit every section, but has to fit one. */
function unknownDefaults({ sections }: Ini): readonly Problem[] {
  const tables: readonly Table[] = [GENERAL_KEYS, APP_KEYS, DAEMON_KEYS]
  const names = tables.flatMap((table) => Object.values(table).flatMap(namesOf))
  const entries = sections.find(({ name }) => name === 'DEFAULT')?.entries ?? []
  return entries
    .filter(({ key }) => !names.includes(splitVariant(key).key))
    .map(({ key, where }) => {
      const fix = didYouMeanElse(key, names, 'remove the line')
      return new Problem('INI_IGNORED_KEY', `no section has a key "${key}", so the line has no effect`, fix, where)
    })
}
