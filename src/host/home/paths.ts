import { existsSync, type Stats, statfsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Problem } from '../../problem.ts'
import { whyNotOurs } from './own-home.ts'

/** The directory of this mfserv: the clone, or the installed package. This code is in `src/host/home`, or bundled in `dist/a`. */
export const MFSERV_HOME = withPackageJson(import.meta.dirname)

/** The daemon writes itself down in this file beside its control socket. */
export const DAEMON_FILE = 'daemon.json'

/** Every place below one runtime home, absolute. The one list of them. */
export type Paths = ReturnType<typeof pathsOf>

function withPackageJson(directory: string): string {
  const up = dirname(directory)
  return existsSync(join(directory, 'package.json')) || up === directory ? directory : withPackageJson(up)
}

export function pathsOf(runtimeHome: string) {
  const at = (...parts: string[]): string => join(runtimeHome, ...parts)
  return {
    runtimeHome,
    /** `config.ini` of the user. */
    config: at('config'),
    /** The private keys that releases are signed with, and their public halves. */
    keys: at('config/keys'),
    /** The public keys whose releases are trusted. */
    trustedKeys: at('config/trusted_keys'),
    plugins: at('var/plugins'),
    /** Sockets, slot links, hold sockets. Short, because a socket path has at most 107 bytes. */
    run: at('var/run'),
    /** One record for each worker that may be alive. */
    workers: at('var/workers'),
    /** The model of each plugin as it was last right. */
    models: at('var/models'),
    /** The nginx fragments of each plugin as nginx last accepted them. */
    acceptedFragments: at('var/nginx_fragments.json'),
    /** The configuration that nginx took last. Nobody else may read them. */
    goodConfig: at('var/good_config'),
    /** Room that is given up when the disk is full. */
    reserve: at('var/reserve'),
    /** Releases that a command wants to be tried, one file for each plugin. */
    candidates: at('var/candidates'),
    /** What plugins keep: a directory for each, which outlives its releases. */
    data: at('var/data'),
    /** What is known of each cron job, by plugin. */
    cron: at('var/cron'),
    ...markPlaces(at),
    /** The receipts of each plugin. */
    history: at('var/history'),
    /** What was counted of requests and changes, and up to where. */
    metrics: at('var/metrics'),
    /** Who did what with this mfserv, when, and what came of it. */
    audit: at('var/audit'),
    control: at('var/mfserv.socket'),
    daemon: at('var', DAEMON_FILE),
    status: at('var/status'),
    health: at('var/health'),
    lock: at('var/lock.db'),
    /** With the name of a plugin behind it: held by the one command that installs, links, swaps or removes that plugin. */
    pluginLock: at('tmp/plugin_management_lock'),
    /** The version of all that is kept below var/. */
    stateVersion: at('var/state-version'),
    uuid: at('var/uuid'),
    /** What the PINs of the debugger are derived from; nobody else may read it. */
    debugSecret: at('var/debug_secret'),
    /** The directory of the mfserv that was used last, for the Makefile of a plugin when no environment is loaded. */
    mfservHome: at('var/mfserv_home'),
    ...nginxPlaces(at),
    ...tlsPlaces(at),
    log: at('log'),
    tmp: at('tmp'),
    /** What mfserv itself installs: nginx unpacked for an ordinary user, the Python packages of the framework. */
    opt: at('opt'),
  } as const
}

/** Nobody else may read what is in them. */
function tlsPlaces(at: (path: string) => string) {
  return {
    /** Copies of the certificates that were found good, and their keys. */
    tls: at('var/tls'),
    /** The account with a certificate authority, and what was fetched from it. */
    acme: at('var/acme'),
    /** Certificates that mfserv made itself. */
    certificates: at('config/certificates'),
  } as const
}

/** What an administrator decided, as small files. */
function markPlaces(at: (path: string) => string) {
  return {
    /** A file for each plugin that plugins.stop stopped. */
    stopped: at('var/stopped'),
    /** A link for each plugin in maintenance, to what its visitors are told meanwhile. */
    maintenance: at('var/maintenance'),
    /** A file for each plugin whose requests wait. */
    paused: at('var/paused'),
    /** What nginx looks at: an entry for each plugin that is one of the three. */
    aside: at('var/aside'),
    /** How often each plugin has been restarted by plugins.restart: another number is another version of its workers. */
    restarts: at('var/restarts'),
    /** A file for each plugin whose file in the site directory waits for another command to end. */
    postponed: at('var/postponed'),
    /** There while mfserv drain holds. */
    draining: at('var/draining'),
  } as const
}

function nginxPlaces(at: (path: string) => string) {
  return {
    nginxPid: at('var/nginx.pid'),
    nginxTemp: at('var/nginx'),
    nginxConf: at('tmp/config_auto/nginx.conf'),
    /** What it serves where no plugin does. */
    welcome: at('var/welcome'),
    /** Of hosts that the configuration names, as they were asked last. */
    hostAddresses: at('var/host_addresses.json'),
  } as const
}

/** `MFMODULE_RUNTIME_HOME`, or `~/metwork/mfserv`. Throws ENVIRONMENT where no directory can be, or where it is not ours. */
export function runtimeHome(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['MFMODULE_RUNTIME_HOME']
  const home = chosen === undefined || chosen === '' ? join(homedir(), 'metwork', 'mfserv') : resolve(chosen)
  const why = whyNoDirectory(home)
  const fix = 'Set MFMODULE_RUNTIME_HOME to a directory that mfserv may write to, or unset it for ~/metwork/mfserv.'
  const fault = why === undefined ? whyNotOurs(home) : { why, fix }
  if (fault === undefined) return home
  throw new Problem('ENVIRONMENT', `the runtime home ${home} cannot be: ${fault.why}`, fault.fix, { file: home })
}

const PROC = 0x9fa0

/**
 * Rights and room are told by whoever needs them. In /proc the system says of a directory that cannot be made that the one
 * above it is missing, and Node would try to make that for ever.
 */
export function whyNoDirectory(home: string): string | undefined {
  if (home === '/') return 'mfserv would close the whole file system to all other users'
  const nearest = nearestThere(home)
  if (nearest === undefined) return undefined
  if (!nearest.stat.isDirectory()) return `${nearest.path} is not a directory`
  return nearest.path !== home && statfsSync(nearest.path).type === PROC
    ? `no directory can be made in ${nearest.path}`
    : undefined
}

/** The path itself, or the nearest above it that exists; undefined when it may not be looked at. */
function nearestThere(path: string): { readonly path: string; readonly stat: Stats } | undefined {
  try {
    return { path, stat: statSync(path) }
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return isAbsent ? nearestThere(dirname(path)) : undefined
  }
}
