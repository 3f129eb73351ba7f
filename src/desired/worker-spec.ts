import type { App, ExtraDaemon, Limits, Plugin } from '../plugin/plugin.ts'
import { Problem } from '../problem.ts'
import { isOnPort, portRelay } from '../runtime/command.ts'
import { placed } from '../runtime/placed.ts'
import { RUNTIMES } from '../runtime/runtime.ts'
import { mountedAt, wantedHosts } from './claims/wanted.ts'
import type { WorkerSpec } from './desired.ts'
import { appEnvironment, type Environment, type Machine } from './environment.ts'
import type { InstalledPlugin } from './installed.ts'
import { timeoutOf } from './routes.ts'
import type { Sandbox } from './sandbox/facts.ts'
import type { DesireSettings } from './settings.ts'
import { logFiles } from './slot.ts'

/** Where a worker is started. */
export interface WorkerSurroundings {
  readonly installed: InstalledPlugin
  readonly sandbox?: Sandbox | undefined
  /** Of its plugin. */
  readonly environment: Environment
  readonly settings: DesireSettings
  readonly machine: Machine
}

/** A daemon that lives so long is taken to be up: it has no socket that could be asked. */
const DAEMON_UP_AFTER_MS = 1000

/** A client that polls is away for a moment between two requests, and comes back to the worker that knows it. */
const BETWEEN_POLLS_MS = 5000

export function hasWorkers(app: App): boolean {
  return RUNTIMES[app.type].serves === 'requests' && app.workers > 0
}

/** The Python 2 that the workers of a plugin run on, if they need one; or why there is none. */
export function python2Of({ python2Path }: InstalledPlugin, { python2 = 'python2.7' }: Machine): FoundPython2 {
  const found = python2Path ?? python2
  return found instanceof Problem ? { problem: found } : { path: found }
}

interface FoundPython2 {
  readonly path?: string
  readonly problem?: Problem
}

export function needsPython2({ plugin }: InstalledPlugin): boolean {
  return plugin.apps.some((app) => RUNTIMES[app.type].language === 'python2')
}

export function needsPhp({ plugin }: InstalledPlugin): boolean {
  return plugin.apps.some((app) => RUNTIMES[app.type].language === 'php')
}

export function appSpec(app: App, surroundings: WorkerSurroundings): Omit<WorkerSpec, 'hash'> {
  const { installed, environment, settings, machine } = surroundings
  const { plugin, python3Path, pythonTag, nodePath } = installed
  const runtime = RUNTIMES[app.type]
  const timeout = timeoutOf(app, settings.server.timeoutSeconds)
  const { argv, env } = runtime.worker(app, plugin, {
    socket: '{unix_socket_path}',
    timeout,
    mfservHome: machine.mfservHome,
    nodePath: nodePath ?? machine.nodePath,
    isOwnNode: nodePath !== undefined,
    python3Path: python3Path ?? machine.python3Path,
    pythonLibrary: pythonTag === undefined ? machine.pythonLibrary : machine.pythonLibraries.replace('{tag}', pythonTag),
    python2Path: python2Of(installed, machine).path,
    python2Library: machine.python2Library,
    phpFpm: machine.phpFpm,
    isRelease: installed.isDeveloped === false,
    mount: mountedAt(plugin, app),
  })
  const surrounding = {
    ...appEnvironment(environment, app, plugin.home),
    ...(app.debug ? debugged(plugin, app, machine) : {}),
  }
  const onPort = isOnPort(app.type, app.entry)
  return {
    argv,
    ...(onPort ? { launcher: portRelay(machine.python3Path, machine.mfservHome, '{unix_socket_path}') } : {}),
    env: { ...surrounding, ...env, ...searchedLast(surrounding, env) },
    cwd: plugin.home,
    // A newer mfserv replaces the workers whose server, or whose part in them, it changed, and no others.
    code: machine.workerCode?.[onPort ? 'python3' : runtime.language],
    limits: withCore(app.limits, settings),
    ...(surroundings.sandbox === undefined ? {} : { sandbox: surroundings.sandbox }),
    ...logsOf('app', plugin, app, surroundings),
    ready: {
      by: 'answer',
      path: runtime.readyPath,
      ...(app.gateway === 'fastcgi' ? { protocol: 'fastcgi' } : {}),
      ...(onPort ? { through: 'port' } : {}),
      withinMs: app.startTimeout > 0 ? app.startTimeout * 1000 : settings.startTimeoutMs,
    },
    drainMs: (timeout + 2) * 1000,
    ...(app.isSticky === true ? { quietMs: BETWEEN_POLLS_MS } : {}),
    graceMs: app.gracefulTimeout * 1000,
    maxAgeMs: app.maxAge * 1000,
  }
}

/** Where Node and Python look for packages: first in those of the plugin and of the plugins it depends on, then in those of mfserv. */
function searchedLast(own: Environment, ofMfserv: Environment): Environment {
  const joined = ['NODE_PATH', 'PYTHONPATH'].flatMap((name) =>
    own[name] === undefined || ofMfserv[name] === undefined ? [] : [[name, `${own[name]}:${ofMfserv[name]}`] as const],
  )
  return Object.fromEntries(joined)
}

/**
 * What debuggers of Python read: Werkzeug asks for this PIN, and Flask lets its exceptions through to it. `HOSTS`: the names
 * of the app's own virtual hosts, under which its page may be opened besides those of the machine.
 */
function debugged(plugin: Plugin, app: App, machine: Machine): Environment {
  const { own, extra } = wantedHosts(plugin, app, [machine.hostname, machine.hostnameFull])
  const hosts = [...own, ...extra].filter((host) => !host.includes('*'))
  return {
    WERKZEUG_DEBUG_PIN: machine.debugPin(plugin.name),
    MFSERV_DEBUG_KEY: machine.debugKey(plugin.name),
    MFSERV_DEBUG_HOSTS: hosts.join(' '),
    FLASK_DEBUG: '1',
  }
}

function withCore(limits: Limits, { coreBytes }: DesireSettings): Limits {
  return { ...limits, core: limits.core ?? coreBytes }
}

export function daemonSpec(daemon: ExtraDaemon, surroundings: WorkerSurroundings): Omit<WorkerSpec, 'hash'> {
  const { installed, environment, settings } = surroundings
  const { plugin } = installed
  const debug = daemon.debug ? { MFLOG_MINIMAL_LEVEL: 'DEBUG', MFSERV_LOG_MINIMAL_LEVEL: 'DEBUG' } : {}
  return {
    argv: placed(daemon.command, { plugin_name: plugin.name, plugin_dir: plugin.home, extra_name: daemon.name }),
    env: { ...environment, MFSERV_CURRENT_PLUGIN_DEBUG: daemon.debug ? '1' : '0', ...debug },
    cwd: plugin.home,
    limits: withCore(daemon.limits, settings),
    ...(surroundings.sandbox === undefined ? {} : { sandbox: surroundings.sandbox }),
    ...logsOf('extra', plugin, daemon, surroundings),
    ready: { by: 'living', forMs: DAEMON_UP_AFTER_MS },
    drainMs: 0,
    graceMs: daemon.gracefulTimeout * 1000,
    maxAgeMs: daemon.maxAge * 1000,
  }
}

/** The files it writes to: as its own keys say, or as those of the module do. */
function logsOf(
  kind: 'app' | 'extra',
  plugin: Plugin,
  { name, logSplit }: App | ExtraDaemon,
  { settings, machine }: WorkerSurroundings,
): Pick<WorkerSpec, 'logFile' | 'stdoutFile'> {
  const split = { streams: false, workers: false, ...settings.logSplit, ...logSplit }
  const { logFile, stdoutFile } = logFiles(kind, { plugin: plugin.name, name }, split)
  return {
    logFile: `${machine.log}/${logFile}`,
    ...(stdoutFile === undefined ? {} : { stdoutFile: `${machine.log}/${stdoutFile}` }),
  }
}
