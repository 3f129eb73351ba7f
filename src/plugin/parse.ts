import { type ReadPage, readPage } from '../config/faces/error-page.ts'
import type { Variables } from '../config/variables.ts'
import { isError, Problem } from '../problem.ts'
import { readCrontab } from './crontab.ts'
import { type FragmentNames, fragmentValues } from './fragment/fill.ts'
import { servedSecrets } from './front/served-secrets.ts'
import { pluginIdentity } from './identity.ts'
import type { Values } from './key.ts'
import { GENERAL_KEYS, tableOf } from './keys.ts'
import { dependencyProblems, readDependencies, readExtraEnv, readLabel, type SourceFile } from './layer-files.ts'
import type { Plugin } from './plugin.ts'
import { type ReadApp, readApp } from './process/app.ts'
import { servedCode } from './process/beside.ts'
import { pluginBoundsIn } from './process/bounds-in.ts'
import { type ReadDaemon, readDaemon, redisDaemon } from './process/extra-daemon.ts'
import { applyOverrides, type OverrideText } from './rewrite/overrides.ts'
import {
  missingKey,
  plainTexts,
  pluginVariable,
  type Reading,
  readFreeSection,
  readSection,
  type SectionValues,
} from './section.ts'
import { type PluginSection, readSections, type Sections } from './sections.ts'
import { type PluginTree, readFragment } from './tree.ts'

/** The files of a plugin that say what it is. Each carries the name under which problems show it. */
export interface PluginFiles {
  readonly label: SourceFile
  readonly configIni: SourceFile
  readonly dependencies: SourceFile | undefined
  readonly extraEnv: SourceFile | undefined
  readonly crontab: SourceFile | undefined
}

export interface ParsedPlugin {
  /** Undefined when a problem is an error. */
  readonly plugin: Plugin | undefined
  readonly problems: readonly Problem[]
}

/**
 * A plugin from the text of its files, in either dialect, with everything that is wrong with it at once. `overrides` are the
 * administrator's values for it, the last one winning.
 */
export function parsePlugin(
  files: PluginFiles,
  tree: PluginTree,
  variables: Variables,
  overrides: readonly OverrideText[] = [],
): ParsedPlugin {
  const label = readLabel(files.label)
  const name = 'name' in label ? label.name : ''
  const sections = applyOverrides(readSections(files.configIni), overrides, variables)
  const large = sections.problems.filter(({ code }) => code === 'TOO_LARGE')
  // What was not read to its end would only seem to lack the rest.
  if (large.length > 0) return { plugin: undefined, problems: large }
  const reading = { variables }
  const identity = pluginIdentity(name, tree.home, variables['MFMODULE_RUNTIME_HOME'] ?? '')
  // Worked out only for a fragment that names something.
  const fragments = { name, values: () => ({ ...variables, ...environmentAhead(sections, reading), ...identity }) }
  const general = readGeneral(sections.general, files.configIni, reading, tree, fragments)
  const apps = sections.apps.map((section) => ({ section, ...readApp(section, { ...reading, plugin: name, tree, fragments }) }))
  const daemons = sections.daemons.map((section) => ({ section, ...readDaemon(section, reading) }))
  const redis = redisOf(general.read, daemons)
  const custom = sections.custom.map((section) => ({ section, ...readFreeSection(section, reading) }))
  const extraEnv = readExtraEnv(files.extraEnv)
  const environment = environmentOf([...(general.read === undefined ? [] : [general.read]), ...apps, ...daemons, ...custom])
  const crontab = readCrontab(files.crontab, { ...variables, ...environment, ...identity })
  const problems = unique([
    ...('problem' in label ? [label.problem] : []),
    ...sections.problems,
    ...general.problems,
    ...[...apps, ...daemons, ...custom, extraEnv, crontab, redis].flatMap((read) => read.problems),
    ...servedCode(apps.flatMap(({ app }) => app ?? [])),
    ...servedSecrets(apps.flatMap(({ app }) => app ?? [])),
    ...dependencyProblems(files.dependencies),
  ])
  if (general.read === undefined || problems.some(isError)) return { plugin: undefined, problems }
  const { values } = general.read
  const plugin: Plugin = {
    name,
    home: tree.home,
    dialect: sections.dialect,
    ...describedIn(values),
    ...(values.build === '' ? {} : { build: { command: values.build, where: general.read.given.get('build') } }),
    ...pluginBoundsIn(values),
    apps: apps.flatMap(({ app }) => app ?? []),
    daemons: [...daemons.map(({ daemon }) => daemon), ...redis.daemons],
    crontab: crontab.jobs,
    fragments: general.fragments,
    ...(general.page.page === undefined ? {} : { errorPage: general.page.page }),
    ...unusual(values),
    addPluginDirToPythonPath: pluginDirOnPath(general.read, apps),
    environment,
    extraEnv: extraEnv.extraEnv,
    dependencies: readDependencies(files.dependencies),
  }
  return { plugin, problems }
}

function describedIn(values: GeneralValues): Described {
  const { version, release, summary, license, url, vendor } = values
  return { version, release, summary, license, url, vendor, maintainer: values.maintainer || values.packager }
}

type GeneralValues = SectionValues<typeof GENERAL_KEYS>['values']
type Described = Pick<Plugin, 'version' | 'release' | 'summary' | 'license' | 'url' | 'vendor' | 'maintainer'>

interface ReadGeneral {
  readonly read: SectionValues<typeof GENERAL_KEYS> | undefined
  readonly fragments: Plugin['fragments']
  readonly page: ReadPage
  readonly problems: readonly Problem[]
}

const NO_PAGE: ReadPage = { page: undefined, problems: [] }

type FragmentKey =
  | 'extra_nginx_http_conf_filename'
  | 'extra_nginx_conf_filename'
  | 'extra_nginx_server_conf_filename'
  | 'extra_nginx_init_worker_by_lua_block_filename'

function readGeneral(
  section: PluginSection | undefined,
  { file }: SourceFile,
  reading: Reading,
  tree: PluginTree,
  names: FragmentNames,
): ReadGeneral {
  if (section === undefined) {
    const fix = 'Add the line [general] and below it version, summary, license, url, maintainer and vendor.'
    const problem = new Problem('INI_MISSING_KEY', 'there is no section [general]', fix, { file })
    return { read: undefined, fragments: { http: undefined, server: undefined }, page: NO_PAGE, problems: [problem] }
  }
  const read = readSection(section, GENERAL_KEYS, reading)
  const { values, given } = read
  const fragment = (key: FragmentKey, language: 'nginx' | 'lua' = 'nginx') =>
    readFragment({ key: read.names.get(key) ?? key, path: values[key], where: given.get(key), language }, tree, () =>
      fragmentValues(names),
    )
  const isNamed = values.extra_nginx_http_conf_filename !== ''
  const http = fragment(isNamed ? 'extra_nginx_http_conf_filename' : 'extra_nginx_conf_filename')
  const server = fragment('extra_nginx_server_conf_filename')
  const initWorker = fragment('extra_nginx_init_worker_by_lua_block_filename', 'lua')
  const page =
    values.error_page === '' ? NO_PAGE : readPage(values.error_page, tree.text(values.error_page), given.get('error_page'))
  const isMaintained = given.has('maintainer') || given.has('packager')
  return {
    read,
    fragments: { http: http.fragment, server: server.fragment, ...(initWorker.fragment && { initWorker: initWorker.fragment }) },
    page,
    problems: [
      ...read.problems,
      ...page.problems,
      ...(isMaintained ? [] : missingKey(section, GENERAL_KEYS.maintainer)),
      ...http.problems,
      ...server.problems,
      ...initWorker.problems,
    ],
  }
}

/** What is there only where it says something else than usual. */
function unusual(values: Values<typeof GENERAL_KEYS>): Pick<Plugin, 'sandbox' | 'addPluginDirToLuaPath'> {
  const { sandbox, sandbox_required: isRequired, add_plugin_dir_to_lua_path: isOnLuaPath } = values
  const level = sandbox === 'AUTO' ? 'off' : sandbox
  return {
    ...(level === 'off' && !isRequired ? {} : { sandbox: { level, isRequired } }),
    ...(isOnLuaPath ? {} : { addPluginDirToLuaPath: false }),
  }
}

function redisOf(general: ReadGeneral['read'], daemons: readonly ReadDaemon[]): ReturnType<typeof redisDaemon> {
  const where = general?.given.get('redis_service')
  if (where === undefined || general?.values.redis_service !== true) return { daemons: [], problems: [] }
  return redisDaemon(
    where,
    daemons.map(({ daemon }) => daemon),
  )
}

/** The documented dialect says it in each app, the later one for the plugin. */
function pluginDirOnPath({ values, given }: NonNullable<ReadGeneral['read']>, apps: readonly ReadApp[]): boolean {
  if (given.has('add_plugin_dir_to_python_path')) return values.add_plugin_dir_to_python_path
  return apps.length === 0 || apps.some(({ wantsPluginDir }) => wantsPluginDir)
}

/** A section and the text of its keys. */
interface Texts {
  readonly section: PluginSection
  readonly texts: ReadonlyMap<string, string>
}

function environmentOf(sections: readonly Texts[]): Plugin['environment'] {
  const named = sections.flatMap(({ section, texts }) =>
    [...texts].filter(([key]) => !key.startsWith('_')).map(([key, text]) => [pluginVariable(section.name, key), text] as const),
  )
  return Object.fromEntries(named)
}

/** The same before anything is checked, for the fragments, which are read with their sections. */
function environmentAhead({ general, apps, daemons, custom }: Sections, reading: Reading): Plugin['environment'] {
  const all = [...(general === undefined ? [] : [general]), ...apps, ...daemons, ...custom]
  return environmentOf(all.map((section) => ({ section, texts: plainTexts(section, tableOf(section.name), reading) })))
}

/** A line that two sections inherit is reported once. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  const sameLine = (problem: Problem): string => {
    const { where, code, message } = problem
    return JSON.stringify([code, where?.file, where?.line, message.replace(/^\[[^\]]*\]/, '')])
  }
  return [...new Map(problems.toReversed().map((problem) => [sameLine(problem), problem])).values()].toReversed()
}
