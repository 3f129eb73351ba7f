import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { readToml, type Toml, type TomlTable } from '../../../plugin/python/toml.ts'
import { textOf } from '../../disk/text-of.ts'

/** Where packages come from, as this machine is set up. */
export interface IndexSettings {
  readonly index: string | undefined
  readonly extra: readonly string[]
  readonly findLinks: readonly string[]
  readonly trusted: readonly string[]
}

/**
 * uv and pip look in the same places, whichever of the two somebody told: by a variable, in pip.conf or in uv.toml. uv freezes
 * and installs, pip fetches for a release.
 */
export function agreedEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofUv = settingsOfUv(env)
  const ofPip = settingsOfPip(env)
  return { ...env, ...(isEmpty(ofPip) ? {} : forUv(ofPip, ofUv, env)), ...(isEmpty(ofUv) ? {} : forPip(ofUv, ofPip, env)) }
}

/** The addresses that a build would ask, but for the public index. */
export function indexesOf(env: NodeJS.ProcessEnv): readonly string[] {
  const all = [settingsOfUv(env), settingsOfPip(env)]
  const found = all.flatMap(({ index, extra, findLinks }) => [...(index === undefined ? [] : [index]), ...extra, ...findLinks])
  return [...new Set(found)]
}

function isEmpty({ index, extra, findLinks, trusted }: IndexSettings): boolean {
  return index === undefined && extra.length + findLinks.length + trusted.length === 0
}

/** What uv has been told itself stays. */
function forUv(pip: IndexSettings, uv: IndexSettings, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = { ...(env['UV_NO_INDEX'] === undefined && isOn(env['PIP_NO_INDEX']) ? { UV_NO_INDEX: '1' } : {}) }
  return {
    ...set,
    ...(pip.index !== undefined && uv.index === undefined ? { UV_DEFAULT_INDEX: pip.index } : {}),
    ...(pip.extra.length > 0 && uv.extra.length === 0 ? { UV_EXTRA_INDEX_URL: pip.extra.join(' ') } : {}),
    ...(pip.findLinks.length > 0 && uv.findLinks.length === 0 ? { UV_FIND_LINKS: pip.findLinks.join(',') } : {}),
    ...(pip.trusted.length > 0 && uv.trusted.length === 0 ? { UV_INSECURE_HOST: pip.trusted.join(' ') } : {}),
  }
}

function forPip(uv: IndexSettings, pip: IndexSettings, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wins = env['PIP_INDEX_URL'] === undefined ? uv.index : undefined
  return {
    ...(wins === undefined ? {} : { PIP_INDEX_URL: wins }),
    ...(uv.extra.length > 0 && pip.extra.length === 0 ? { PIP_EXTRA_INDEX_URL: uv.extra.join(' ') } : {}),
    ...(uv.findLinks.length > 0 && pip.findLinks.length === 0 ? { PIP_FIND_LINKS: uv.findLinks.join(' ') } : {}),
    ...(uv.trusted.length > 0 && pip.trusted.length === 0 ? { PIP_TRUSTED_HOST: uv.trusted.join(' ') } : {}),
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase())
}

function settingsOfPip(env: NodeJS.ProcessEnv): IndexSettings {
  const conf = pipConf(env)
  const value = (name: string): string | undefined => env[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] ?? conf.get(name)
  return {
    index: value('index-url') || undefined,
    extra: words(value('extra-index-url')),
    findLinks: words(value('find-links')).filter(isThere),
    trusted: words(value('trusted-host')),
  }
}

/** uv fails for a directory that is not there, pip does not. */
function isThere(place: string): boolean {
  return !isAbsolute(place) || existsSync(place)
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

/** What a later file says replaces what an earlier one says, as for pip itself. */
function pipConf(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const own = env['PIP_CONFIG_FILE']
  const user = [join(homeOf(env), '.pip/pip.conf'), join(env['XDG_CONFIG_HOME'] ?? join(homeOf(env), '.config'), 'pip/pip.conf')]
  const files =
    own === '/dev/null' ? [] : ['/etc/xdg/pip/pip.conf', '/etc/pip.conf', ...user, ...(own === undefined ? [] : [own])]
  return new Map(files.flatMap((file) => [...readPipConf(textOf(file) ?? '')]))
}

/** The options of all commands, and of `pip install`, which go before. */
export function readPipConf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, Map<string, string>>()
  let [section, key] = ['', '']
  for (const line of text.split(/\r?\n/).filter((one) => !/^\s*[#;]/.test(one))) {
    const [, heading] = /^\[([^\]]+)\]/.exec(line) ?? []
    const [, name, value = ''] = /^([A-Za-z][\w-]*)\s*[=:]\s*(.*)$/.exec(line) ?? []
    const keys = sections.get(section) ?? new Map<string, string>()
    if (heading !== undefined) section = heading.trim()
    else if (name !== undefined) {
      key = name.toLowerCase().replaceAll('_', '-')
      sections.set(section, keys.set(key, value.trim()))
    } else if (/^\s+\S/.test(line) && keys.has(key)) keys.set(key, `${keys.get(key)} ${line.trim()}`)
  }
  return new Map([...(sections.get('global') ?? []), ...(sections.get('install') ?? [])])
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env['HOME'] ?? homedir()
}

function settingsOfUv(env: NodeJS.ProcessEnv): IndexSettings {
  const file = env['UV_CONFIG_FILE'] ?? join(env['XDG_CONFIG_HOME'] ?? join(homeOf(env), '.config'), 'uv/uv.toml')
  const toml = readToml(textOf(file) ?? textOf('/etc/uv/uv.toml') ?? '')
  const ofFile = settingsInToml('table' in toml ? toml.table : {})
  const index = env['UV_DEFAULT_INDEX'] ?? env['UV_INDEX_URL']
  const extra = words([env['UV_INDEX'] ?? '', env['UV_EXTRA_INDEX_URL'] ?? ''].join(' ')).map((one) =>
    one.replace(/^[\w-]+=/, ''),
  )
  const findLinks = (env['UV_FIND_LINKS'] ?? '').split(',').filter((one) => one !== '')
  const trusted = words(env['UV_INSECURE_HOST'])
  return {
    index: index?.replace(/^[\w-]+=/, '') ?? ofFile.index,
    extra: extra.length > 0 ? extra : ofFile.extra,
    findLinks: findLinks.length > 0 ? findLinks : ofFile.findLinks,
    trusted: trusted.length > 0 ? trusted : ofFile.trusted,
  }
}

/** Of uv.toml, and of `[tool.uv]` in pyproject.toml. */
export function settingsInToml(uv: TomlTable): IndexSettings {
  const pip = uv['pip']
  const both = { ...(isTable(pip) ? pip : {}), ...uv }
  const list = (key: string): readonly Toml[] => (Array.isArray(both[key]) ? (both[key] as readonly Toml[]) : [])
  const texts = (key: string): readonly string[] => list(key).filter((one) => typeof one === 'string')
  const indexes = list('index').flatMap((one) =>
    isTable(one) && typeof one['url'] === 'string' ? [{ ...one, url: one['url'] }] : [],
  )
  const [first] = indexes.filter((one) => 'default' in one && one.default === true)
  const written = both['index-url']
  return {
    index: first?.url ?? (typeof written === 'string' ? written : undefined),
    extra: [...indexes.filter((one) => one !== first).map(({ url }) => url), ...texts('extra-index-url')],
    findLinks: texts('find-links'),
    trusted: texts('allow-insecure-host'),
  }
}

function isTable(value: Toml | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value)
}
