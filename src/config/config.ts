import { Problem, type Where } from '../problem.ts'
import { addressesOf, isHostKey } from './edit/host-keys.ts'
import { asValue, BUILT_IN_FILE, textFileOf } from './edit/parts.ts'
import { type ReadPage, readPage } from './faces/error-page.ts'
import { type IniEntry, MODULE_INI, parseIni } from './ini.ts'
import { settleAddresses } from './listen/addresses.ts'
import { didYouMean, didYouMeanElse } from './nearest.ts'
import { processValueProblem } from './process-value.ts'
import { CERTIFICATE_SECTION, CERTIFICATE_SETTINGS } from './settings/certificate-settings.ts'
import { IDLE_SECTIONS, RETIRED_SETTINGS, SETTINGS, type Settings } from './settings.ts'
import type { Key } from './value.ts'
import { renderModule, type Variables } from './variables.ts'
import { chooseVariants } from './variants.ts'

/** Where a value comes from. `site` is the administrator's file in /etc and wins over `user`, the one of the runtime home. */
export type Origin = { readonly layer: 'built-in' } | { readonly layer: LayerName; readonly where: Where }
export type LayerName = 'user' | 'site'

export interface Setting {
  /** Variables are replaced already. */
  readonly text: string
  readonly from: Origin
}

export interface Config {
  readonly settings: Settings
  /** Every value of every section as text, the built-in ones included: section, then key. */
  readonly texts: Texts
  /** Of the hosts that keys such as `hostname` name; absent: nobody was asked. */
  readonly addresses?: ReadonlyMap<string, string>
  /** The page that `[nginx] error_page` names. */
  readonly errorPage?: string
}

export type Texts = ReadonlyMap<string, ReadonlyMap<string, Setting>>

export interface LayerText {
  readonly layer: LayerName
  readonly file: string
  readonly text: string
  /** What values `~~~<file>~~~` stand for, by the name of the file beside it; one that is not there is absent. */
  readonly files?: Readonly<Record<string, string>>
  /** The files that its sections `[INCLUDE_<file>]` name and that are there: each is a layer of its own, in front of this one. */
  readonly includes?: readonly string[]
}

/**
 * The configuration of the module: the built-in values, then each layer over them, key by key. A variant such as `port[DEV]`
 * is chosen within its layer. A value that cannot be read leaves the one before it, or what counts in
 * doubt, and is a problem.
 */
export function buildConfig(
  layers: readonly LayerText[],
  variables: Variables,
  configuration: string,
): { readonly config: Config; readonly problems: readonly Problem[] } {
  const texts = new Map<string, Map<string, Setting>>()
  const problems: Problem[] = []
  const put = (section: string, key: string, setting: Setting): void => {
    texts.set(section, (texts.get(section) ?? new Map<string, Setting>()).set(key, setting))
  }
  for (const [section, keys] of Object.entries(SETTINGS)) {
    for (const [key, { fallback }] of Object.entries(keys)) {
      put(section, key, { text: renderModule(fallback, variables, BUILT_IN).text, from: { layer: 'built-in' } })
    }
  }
  for (const { layer, file, text, files = {}, includes = [] } of layers) {
    const ini = parseIni(text, file, MODULE_INI)
    problems.push(...ini.problems)
    for (const section of ini.sections) {
      if (section.name.startsWith(INCLUDE)) {
        problems.push(...includeProblems(section.name.slice(INCLUDE.length), includes, section.where))
        continue
      }
      problems.push(...sectionProblems(section.name, section.where))
      for (const written of chooseVariants(section.entries, configuration)) {
        const entry = withFile(written, files, problems)
        if (entry === undefined) continue
        const rendered = renderModule(entry.text, variables, entry.where)
        const name = variableName('MFSERV', section.name, entry.key)
        const unfit = processValueProblem('INI_BAD_VALUE', name, rendered.text, entry.where)
        const found = unfit.length > 0 ? unfit : entryProblems(section.name, { ...entry, text: rendered.text })
        problems.push(...rendered.problems, ...found)
        // What cannot be read leaves the value from before, but for the few keys that say what counts then.
        const counts = found.length === 0 ? rendered.text : keyOf(section.name, entry.key)?.doubt
        if (counts !== undefined) put(section.name, entry.key, { text: counts, from: { layer, where: entry.where } })
      }
    }
  }
  const addresses = settleAddresses(typed(texts).nginx, {
    writtenAt: (key) => whereOf(texts.get('nginx')?.get(key)),
    hasSections: typed(texts).acme.names.length > 0 || [...texts.keys()].some((one) => one.startsWith(CERTIFICATE_SECTION)),
  })
  for (const [key, text] of addresses.values) {
    const from = texts.get('nginx')?.get('listen')?.from
    if (texts.get('nginx')?.get(key)?.text !== text) put('nginx', key, { text, from: from ?? { layer: 'built-in' } })
  }
  const settings = typed(texts)
  const { page, problems: ofPage } = errorPage(texts, layers)
  return {
    config: { settings, texts, ...(page === undefined ? {} : { errorPage: page }) },
    problems: [...problems, ...addresses.problems, ...withoutEffect(settings, texts), ...ofPage],
  }
}

/** `MFSERV_<SECTION>_<KEY>` for every value, so `MFSERV_PLUGIN_<NAME>_<KEY>` for those of `[plugin_<name>]`. */
export function settingsEnvironment(config: Config): Readonly<Record<string, string>> {
  return variablesOf(config, () => true)
}

/** The same without what is meant for one plugin. */
export function commonEnvironment(config: Config): Readonly<Record<string, string>> {
  return variablesOf(config, (section) => !section.startsWith(OF_A_PLUGIN) && !isOfTls(section))
}

/** What `[plugin_<name>]` sets, for that plugin alone. */
export function environmentOfPlugin(config: Config, name: string): Readonly<Record<string, string>> {
  const own = variableName(OF_A_PLUGIN, name)
  return variablesOf(
    config,
    (section) => section.startsWith(OF_A_PLUGIN) && variableName(OF_A_PLUGIN, section.slice(OF_A_PLUGIN.length)) === own,
  )
}

const OF_A_PLUGIN = 'plugin_'

/** No plugin has to know them, and there is a secret among them. */
function isOfTls(section: string): boolean {
  return section === 'acme' || section.startsWith(CERTIFICATE_SECTION)
}

function variablesOf(
  { texts, addresses = new Map() }: Config,
  isWanted: (section: string) => boolean,
): Readonly<Record<string, string>> {
  const wanted = [...texts].filter(([section]) => isWanted(section))
  const named = wanted.flatMap(([section, keys]) =>
    [...keys]
      .filter(([key]) => !key.startsWith('_'))
      .flatMap(([key, { text }]) => {
        const name = variableName('MFSERV', section, key)
        return [[name, text] as const, ...(isHostKey(key) ? [[`${name}_IP`, addressesOf(text, addresses)] as const] : [])]
      }),
  )
  return Object.fromEntries(named)
}

/** Upper case, and `_` for whatever a variable's name cannot hold. */
export function variableName(...parts: readonly string[]): string {
  return parts.join('_').toUpperCase().replaceAll(/\W/g, '_')
}

const BUILT_IN: Where = { file: 'built-in' }
/** What all other logs have. */
const PRIVATE = 0o600
const INCLUDE = 'INCLUDE_'

/** A value that stands for a file has what is in it. */
function withFile(entry: IniEntry, files: Readonly<Record<string, string>>, problems: Problem[]): IniEntry | undefined {
  const name = textFileOf(entry)
  if (name === undefined) return entry
  if (Object.hasOwn(files, name)) return { ...entry, text: asValue(files[name] ?? '') }
  const fix = 'Put the file beside this one, or write the value itself.'
  problems.push(new Problem('INI_BAD_VALUE', `${entry.key} stands for the file "${name}", which is not there`, fix, entry.where))
  return undefined
}

/** The original looked for the file in its own directory, where only the built-in values were. */
function includeProblems(name: string, found: readonly string[], where: Where): readonly Problem[] {
  if (name.trim() === BUILT_IN_FILE || found.includes(name.trim())) return []
  const message = `[${INCLUDE}${name}] has no effect: no file of that name is beside this one`
  return [new Problem('INI_IGNORED_SECTION', message, 'Put the file beside this one, or remove the line.', where)]
}

/** `undefined` for a section that has no settings of mfserv. */
function keysOf(section: string): Readonly<Record<string, Key<unknown>>> | undefined {
  if (section.startsWith(CERTIFICATE_SECTION)) return CERTIFICATE_SETTINGS
  return Object.hasOwn(SETTINGS, section) ? SETTINGS[section as keyof typeof SETTINGS] : undefined
}

function keyOf(section: string, key: string): Key<unknown> | undefined {
  const keys = keysOf(section)
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined
}

function typed(texts: Texts): Settings {
  const sections = Object.entries(SETTINGS).map(([section, keys]) => {
    const values = Object.entries(keys).map(([key, { read }]) => {
      const written = texts.get(section)?.get(key)?.text ?? ''
      const result = read(written)
      if (!('value' in result)) throw new Error(`the built-in [${section}] ${key} = ${written} does not read`)
      return [key, result.value]
    })
    return [section, Object.fromEntries(values)]
  })
  return Object.fromEntries(sections)
}

function sectionProblems(section: string, where: Where): readonly Problem[] {
  if (keysOf(section) !== undefined || section.startsWith('plugin_')) return []
  const only = `only sets the variables ${variableName('MFSERV', section)}_<KEY>`
  if (IDLE_SECTIONS.includes(section)) {
    const fix = 'Nothing is broken. Remove the section if no plugin reads its variables.'
    return [new Problem('INI_IGNORED_SECTION', `[${section}] has no effect in this version, it ${only}`, fix, where)]
  }
  const fix = `${didYouMean(section, Object.keys(SETTINGS))}A section for a plugin is named [plugin_<name>].`
  return [new Problem('INI_IGNORED_SECTION', `[${section}] is no section of mfserv, it ${only}`, fix, where)]
}

function entryProblems(section: string, { key, text, where }: IniEntry): readonly Problem[] {
  const keys = keysOf(section)
  if (keys === undefined) return []
  const retired = RETIRED_SETTINGS[`${section}.${key}`]
  if (retired !== undefined) return [new Problem('INI_IGNORED_KEY', `${key} has no effect in this version`, retired, where)]
  const known = keyOf(section, key)
  if (known === undefined) {
    const fix = didYouMeanElse(key, Object.keys(keys), 'remove the line')
    return [new Problem('INI_UNKNOWN_KEY', `[${section}] has no key "${key}"`, fix, where)]
  }
  const result = known.read(text)
  if (!('value' in result)) return [new Problem('INI_BAD_VALUE', `${key} is "${text}"`, `Write ${result.expected}.`, where)]
  const fallback = known.read(known.fallback)
  if (known.idle === undefined || ('value' in fallback && fallback.value === result.value)) return []
  return [new Problem('INI_IGNORED_KEY', `${key} has no effect: ${known.idle.because}`, 'Remove the line.', where)]
}

function whereOf(setting: Setting | undefined): Where | undefined {
  return setting === undefined || setting.from.layer === 'built-in' ? undefined : setting.from.where
}

/** `[nginx] error_page`: a file beside the config.ini that names it. */
function errorPage(texts: Texts, layers: readonly LayerText[]): ReadPage {
  const { text: name = '', from } = texts.get('nginx')?.get('error_page') ?? {}
  if (from === undefined || from.layer === 'built-in' || name === '' || name === 'null') return { page: undefined, problems: [] }
  const files = layers.find(({ file }) => file === from.where.file)?.files ?? {}
  return readPage(name, Object.hasOwn(files, name) ? files[name] : undefined, from.where)
}

/** Values that only count beside another one. */
function withoutEffect({ log }: Settings, texts: Texts): readonly Problem[] {
  const { from } = texts.get('log')?.get('chmod') ?? {}
  if (from === undefined || from.layer === 'built-in' || log.json_file.startsWith('/')) return []
  if (log.chmod === PRIVATE) return []
  const message = 'chmod has no effect: it is for a json_file outside of log/, and there is none'
  const fix = 'Remove the line, or write a path such as json_file = /var/log/mfserv.json.'
  return [new Problem('INI_IGNORED_KEY', message, fix, from.where)]
}
