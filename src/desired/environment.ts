import { withOldNames } from '../config/names/old-names.ts'
import { pluginIdentity } from '../plugin/identity.ts'
import type { App, Plugin } from '../plugin/plugin.ts'
import type { Problem } from '../problem.ts'
import { directoryOf } from '../runtime/app-directory.ts'
import type { Runtime } from '../runtime/contract.ts'
import type { SandboxFacts } from './sandbox/facts.ts'

export type Environment = Readonly<Record<string, string>>

/** Facts about this machine and this mfserv that reach the environment of a process. Paths are absolute. */
export interface Machine {
  readonly mfservHome: string
  readonly version: string
  readonly runtimeHome: string
  readonly run: string
  readonly log: string
  readonly tmp: string
  readonly user: string
  /** HOME, LANG, TZ and the like of the administrator: what every process keeps. */
  readonly inherited: Environment
  /** `MFHARDWARE_…`, `MFHOSTNAME` and their older names. */
  readonly hardware: Environment
  readonly nodePath: string
  readonly python3Path: string
  readonly pythonLibrary: string
  /** The same for whatever Python a process of a plugin runs: `{tag}` stands for its `sys.implementation.cache_tag`. */
  readonly pythonLibraries: string
  /** For plugins of Python 2 without an environment of their own: the interpreter, or why there is none. */
  readonly python2?: string | Problem
  /** Like `pythonLibrary`. */
  readonly python2Library?: string
  /** The php-fpm of this machine, if it has one and a plugin wants it; `env` leads to its libraries. */
  readonly phpFpm?: { readonly path: string; readonly env: Environment } | undefined
  /** The redis-server of this machine, if it has one and a plugin wants it; `env` leads to its libraries. */
  readonly redis?: { readonly path: string; readonly env: Environment } | undefined
  /** Undefined where nobody has looked. */
  readonly sandbox?: SandboxFacts
  /** A digest of the code of mfserv that runs in workers of a language. */
  readonly workerCode?: WorkerCode
  /** The PIN of the debugger in a plugin. */
  readonly debugPin: (plugin: string) => string
  /** 256 bits that only the user of mfserv knows: what a browser keeps after the PIN was right is made with it. */
  readonly debugKey: (plugin: string) => string
  readonly hostname: string
  readonly hostnameFull: string
}

/** By language. */
export type WorkerCode = Readonly<Partial<Record<Runtime['language'], string>>>

/** What the environment of the module is made from; which Python the workers use is not part of it. */
export type ModuleFacts = Omit<Machine, 'sandbox' | 'python3Path' | 'pythonLibrary' | 'workerCode' | 'debugPin' | 'debugKey'>

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What `source share/profile` loads and every process of the module has. `settings` are the `MFSERV_<SECTION>_<KEY>`. */
export function moduleEnvironment(machine: ModuleFacts, settings: Environment): Environment {
  return withOldNames({
    ...machine.inherited,
    ...machine.hardware,
    ...settings,
    MFMODULE: 'MFSERV',
    MFMODULE_LOWERCASE: 'mfserv',
    MFMODULE_HOME: machine.mfservHome,
    MFMODULE_VERSION: machine.version,
    MFMODULE_RUNTIME_HOME: machine.runtimeHome,
    MFMODULE_RUNTIME_USER: machine.user,
    MFMODULE_RUNTIME_SUFFIX: machine.inherited['MFMODULE_RUNTIME_SUFFIX'] ?? '',
    MFSERV_HOME: machine.mfservHome,
    MFSERV_VERSION: machine.version,
    // The modules that MFSERV stood on. Makefiles of its plugins include share/plugin.mk and opt/misc/share/plugin.mk of either.
    MFEXT_HOME: machine.mfservHome,
    MFEXT_VERSION: machine.version,
    MFCOM_HOME: machine.mfservHome,
    // mflog, which plugin code logs with, has names of its own for the settings of [log].
    MFLOG_MINIMAL_LEVEL: settings['MFSERV_LOG_MINIMAL_LEVEL'] ?? 'INFO',
    MFLOG_MINIMAL_LEVEL_OVERRIDE_FILES: overrides(machine.runtimeHome).join(';'),
    MFLOG_JSON_ONLY_KEYS: 'plugin',
    // Where python/plugin-path finds mflog for a plugin that brings none.
    MFSERV_PYTHON_LIBRARY: machine.pythonLibraries,
    ...(machine.python2Library === undefined ? {} : { MFSERV_PYTHON2_LIBRARY: machine.python2Library }),
    LC_NUMERIC: 'C',
    PATH: [`${machine.mfservHome}/bin`, parentOf(machine.nodePath), SYSTEM_PATH].join(':'),
  })
}

/** Files with lines `logger pattern => LEVEL`; the first that fits counts. */
function overrides(runtimeHome: string): readonly string[] {
  return ['/etc/metwork.config.d/mfserv', runtimeHome].map((place) => `${place}/config/mflog_override.conf`)
}

/** A plugin and what of it is on disk: what it brings into an environment. */
export interface Layer {
  readonly plugin: Plugin
  /** Those of `LAYER_DIRECTORIES` and of the apps that exist, relative to the plugin. */
  readonly directories: ReadonlySet<string>
  /** Where the packages of its virtualenv are: the real directory, so that another build is another environment. */
  readonly sitePackages?: string | undefined
  /** Its files are being edited: it is a development link. */
  readonly isDeveloped?: boolean | undefined
}

/** What every process of a plugin has from the module, and what the module has set for one plugin alone. */
export interface ModuleEnvironment {
  readonly common: Environment
  readonly ofPlugin: (name: string) => Environment
}

/**
 * `layers`: the plugins it depends on, the nearest first. What they bring comes behind what is the plugin's own. Their code runs
 * in its processes, so their settings are there too; those of no other plugin are.
 */
export function pluginEnvironment(
  { common: module, ofPlugin }: ModuleEnvironment,
  own: Layer,
  layers: readonly Layer[] = [],
): Environment {
  const settings = [own, ...layers].reverse().flatMap(({ plugin }) => Object.entries(ofPlugin(plugin.name)))
  const common = {
    ...module,
    ...Object.fromEntries(settings),
    TMPDIR: `${module['MFMODULE_RUNTIME_HOME']}/tmp/${own.plugin.name}`,
    // A log file is no terminal: without this Python would keep lines back until its buffer is full.
    PYTHONUNBUFFERED: '1',
    // Bytecode is judged by the second and the size of its file: of two edits in one second Python would run the first for good.
    // Packages of a virtualenv are compiled when it is built.
    ...([own, ...layers].some(({ isDeveloped }) => isDeveloped === true) ? { PYTHONDONTWRITEBYTECODE: '1' } : {}),
    NO_UPDATE_NOTIFIER: '1',
    // Searched behind every other place that is named, and it holds nothing that a plugin has.
    PYTHONPATH: `${module['MFSERV_HOME']}/python/plugin-path`,
  }
  const lent = layers.reduceRight(withLayer, common)
  // Its interpreter looks into its own site-packages last of all: where others are lent, they have to be named before those.
  return withLayer(lent, layers.length === 0 ? { ...own, sitePackages: undefined } : own)
}

/** What a plugin brings, in front of what is there already. */
function withLayer(below: Environment, { plugin, directories, sitePackages }: Layer): Environment {
  const existing = (names: readonly string[]): readonly string[] =>
    names.filter((name) => directories.has(name)).map((name) => `${plugin.home}/${name}`)
  const packages = sitePackages === undefined ? [] : [sitePackages]
  const paths = {
    PATH: existing(LAYER.path),
    PYTHONPATH: [...(plugin.addPluginDirToPythonPath ? [plugin.home] : []), ...existing(LAYER.python), ...packages],
    NODE_PATH: existing(LAYER.node),
    LD_LIBRARY_PATH: existing(LAYER.library),
    PKG_CONFIG_PATH: existing(LAYER.pkgConfig),
  }
  const joined = Object.entries(paths).flatMap(([name, parts]) => {
    const all = [...parts, ...(below[name] === undefined ? [] : [below[name]])]
    return all.length === 0 ? [] : [[name, all.join(':')] as const]
  })
  const environment = {
    ...below,
    ...plugin.environment,
    ...pluginIdentity(plugin.name, plugin.home, `${below['MFMODULE_RUNTIME_HOME']}`),
    ...Object.fromEntries(joined),
    ...(plugin.daemons.some(({ service }) => service === 'redis')
      ? { REDIS_SOCKET_UNIX_SOCKET_PATH: redisSocket(`${below['MFMODULE_RUNTIME_HOME']}`, plugin.name) }
      : {}),
  }
  return { ...environment, ...filled(plugin.extraEnv, environment) }
}

/** Where the Redis of a plugin listens: MFSERV's place, which plugins of it write into their .layerapi2_extra_env. */
export function redisSocket(runtimeHome: string, plugin: string): string {
  return `${runtimeHome}/var/redis_plugin_${plugin}.socket`
}

export function appEnvironment(plugin: Environment, app: App, home: string): Environment {
  const pythonPath = [...(app.addAppDirToPythonPath ? [directoryOf(app, home)] : []), plugin['PYTHONPATH'] ?? '']
  return {
    ...plugin,
    PYTHONPATH: pythonPath.filter((part) => part !== '').join(':'),
    MFSERV_CURRENT_APP_NAME: app.name,
    MFSERV_CURRENT_APP_DEBUG: app.debug ? '1' : '0',
    MFSERV_CURRENT_PLUGIN_DEBUG: app.debug ? '1' : '0',
    ...(app.debug ? { MFLOG_MINIMAL_LEVEL: 'DEBUG', MFSERV_LOG_MINIMAL_LEVEL: 'DEBUG' } : {}),
  }
}

/** Directories of a plugin that join a search path when they exist; the first named is searched first. */
const LAYER = {
  path: [
    'local/bin',
    'local/python2/bin',
    'local/node/bin',
    'bin',
    'local/lib/node_modules/.bin',
    'lib/node_modules/.bin',
    'node_modules/.bin',
  ],
  // The site-packages of `local` are found by its own interpreter, behind the standard library as they should be.
  python: ['local/lib', 'lib'],
  node: ['local/lib/node_modules', 'lib/node_modules', 'node_modules'],
  library: ['local/lib', 'lib'],
  pkgConfig: ['local/lib/pkgconfig', 'lib/pkgconfig'],
} as const

/** Every directory whose existence changes the environment of a plugin, relative to it. */
export const LAYER_DIRECTORIES: readonly string[] = [...new Set(Object.values(LAYER).flat())]

/** `{VAR}` in a value is replaced; an unknown one is removed (.layerapi2_extra_env). */
function filled(values: Environment, environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value.replace(/\{(\w+)\}/g, (_all, name: string) => environment[name] ?? ''),
    ]),
  )
}

function parentOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}
