import { SANDBOX_LEVELS, type SandboxLevel } from '../../config/settings/sandbox-settings.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { type Machine, redisSocket } from '../environment.ts'
import type { LayeredPlugin } from '../installed.ts'
import { redisOf } from '../redis-spec.ts'
import type { Sandbox, SandboxSettings, WantedSandbox } from './facts.ts'

/**
 * Who decides: an administrator who names the plugin; else the module, and a plugin for itself may only be stricter. With Python 2
 * the module has a level of its own.
 */
export function wantedSandbox(plugin: Plugin, settings: SandboxSettings): WantedSandbox {
  const isRequired = settings.required || plugin.sandbox?.isRequired === true
  const named = SANDBOX_LEVELS.find((level) => settings[level].includes(plugin.name))
  if (named !== undefined) return { level: named, isRequired }
  const isPython2 = plugin.apps.some(({ type }) => RUNTIMES[type].language === 'python2')
  const levels = [settings.level, plugin.sandbox?.level ?? 'off', ...(isPython2 ? [settings.python2_level] : [])]
  return { level: levels.reduce(stricter), isRequired }
}

function stricter(one: SandboxLevel, other: SandboxLevel): SandboxLevel {
  return SANDBOX_LEVELS.indexOf(one) < SANDBOX_LEVELS.indexOf(other) ? other : one
}

/** What has to be known of the machine for it. */
export type SandboxMachine = Pick<Machine, 'sandbox' | 'mfservHome' | 'runtimeHome' | 'run' | 'tmp' | 'nodePath'> &
  Partial<Pick<Machine, 'python3Path' | 'python2' | 'phpFpm'>>

/** Undefined where none is wanted, or where nothing is known of the system. */
export function sandboxOf(
  installed: LayeredPlugin,
  settings: SandboxSettings | undefined,
  machine: SandboxMachine,
): Sandbox | undefined {
  const { plugin, layers } = installed
  if (settings === undefined || machine.sandbox === undefined) return undefined
  const { level } = wantedSandbox(plugin, settings)
  if (level === 'off') return undefined
  const { noView } = machine.sandbox
  if (noView !== undefined) return { is: 'missing', level, why: noView }
  const homes = [installed, ...layers]
  const { runtimeHome } = machine
  const redis = redisOf(plugin) === undefined ? [] : [redisSocket(runtimeHome, plugin.name)]
  return {
    is: 'in force',
    level,
    plugin: plugin.name,
    runtimeHome,
    reads: [machine.mfservHome, `${runtimeHome}/opt`, ...homes.map((one) => one.plugin.home), ...redis, ...settings.read],
    writes: [...placesOf(plugin.name, machine), ...(installed.isDeveloped === true ? [plugin.home] : []), ...settings.write],
    entries: homes.map((one) => ({ name: one.plugin.name, home: one.plugin.home })),
    programs: programsOf(homes, machine),
    ...(installed.isDeveloped === true ? { developed: { home: plugin.home, sitePackages: installed.sitePackages } } : {}),
  }
}

/** What it keeps, what is gone some day, and where its workers listen. */
function placesOf(name: string, { runtimeHome, run, tmp }: SandboxMachine): readonly string[] {
  return [`${runtimeHome}/var/data/${name}`, `${tmp}/${name}`, `${run}/${name}`]
}

function programsOf(homes: LayeredPlugin['layers'], machine: SandboxMachine): readonly string[] {
  const own = homes.flatMap(({ python3Path, python2Path, nodePath }) => [python3Path, python2Path, nodePath])
  // The machine is asked for these once any plugin needs them, which must not change the others.
  const languages = new Set(homes.flatMap(({ plugin }) => plugin.apps.map(({ type }) => RUNTIMES[type].language)))
  const python2 = languages.has('python2') ? [machine.python2] : []
  const php = languages.has('php') ? [machine.phpFpm?.path] : []
  const ofMachine = [machine.python3Path, machine.nodePath, ...python2, ...php]
  const all = [...own, ...ofMachine].filter((path) => typeof path === 'string' && path.startsWith('/'))
  return [...new Set(all as readonly string[])]
}
