import { shown } from '../config/secrets.ts'
import type { DesiredApp, DesiredState } from '../desired/desired.ts'
import type { AppId } from '../desired/ids.ts'
import type { InstalledPlugin } from '../desired/installed.ts'
import { type Danger, dangersOf } from '../plugin/dangers.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { isKnownKey, type PluginSetting } from '../plugin/settings.ts'
import { KEEPS_A_PLUGIN_OUT, type Problem } from '../problem.ts'
import { type MemoryPreview, memoryPreview } from './preview-memory.ts'
import { type RoutesPreview, routesPreview } from './preview-routes.ts'

/** What would change if a plugin were installed, replaced or removed. */
export interface Preview {
  readonly plugin: string
  readonly kind: 'install' | 'replace' | 'remove' | 'nothing'
  readonly before: Identity | undefined
  readonly after: Identity | undefined
  readonly routes: RoutesPreview
  readonly workers: readonly WorkersChange[]
  readonly memory: MemoryPreview
  /** Of a plugin that is replaced. Secrets are masked. */
  readonly configuration: readonly ValueChange[]
  readonly environment: readonly ValueChange[]
  readonly cron: readonly CronChange[]
  /** Of the plugin as it would be. */
  readonly dangers: readonly Danger[]
  readonly nginx: 'reload' | 'untouched' | 'off'
  /** Other plugins whose workers would be renewed, because they use this one. */
  readonly renewed: readonly string[]
  /** What would be wrong afterwards and is not now. */
  readonly problems: readonly Problem[]
  /** Whether one of these keeps the plugin from being served at all. */
  readonly isRefused: boolean
}

export interface Identity {
  readonly version: string
  readonly release: string
}

/** `@` begins the name of a daemon. */
export interface WorkersChange {
  readonly app: string
  readonly kind: 'app' | 'daemon'
  readonly before: number
  readonly after: number
  readonly change: 'added' | 'removed' | 'replaced' | 'kept'
}

/** Undefined: there is none. Where both are masked, they differ all the same. */
export interface ValueChange {
  /** `[section] key`, or the name of a variable. */
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The lines of the crontab. */
export interface CronChange {
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface PreviewInput {
  readonly plugin: string
  readonly before: DesiredState
  readonly after: DesiredState
  readonly settings: { readonly before: readonly PluginSetting[]; readonly after: readonly PluginSetting[] }
  /** Bytes that one worker of an app has now. */
  readonly measured: ReadonlyMap<AppId, number>
  /** Bytes; undefined when nobody knows. */
  readonly freeMemory: number | undefined
  /** What else is known to be wrong with the plugin as it would be. */
  readonly problems: readonly Problem[]
}

export function preview(input: PreviewInput): Preview {
  const { plugin: name, before, after } = input
  const [old, next] = [pluginOf(before, name), pluginOf(after, name)]
  const workers = workersChanges(appsOf(before, name), appsOf(after, name))
  const isReplaced = old !== undefined && next !== undefined
  const problems = newProblems(before, after)
  const found = {
    plugin: name,
    before: identityOf(old?.plugin),
    after: identityOf(next?.plugin),
    routes: routesPreview(name, before, after),
    workers,
    memory: memoryPreview(input, old?.plugin, next?.plugin),
    configuration: isReplaced ? configurationChanges(input.settings.before, input.settings.after) : [],
    environment: isReplaced ? environmentChanges(before, after, old.plugin, next.plugin) : [],
    cron: cronChanges(old?.plugin, next?.plugin),
    dangers: next === undefined ? [] : dangersOf(next.plugin),
    nginx: nginxChange(before, after),
    renewed: renewedBy(name, before, after),
    problems: [...[...problems.values()].flat(), ...input.problems],
    // What nginx would say of the others is no reason against a removal.
    isRefused: isKeptOut(problems.get(name) ?? []) || (next !== undefined && isKeptOut(input.problems)),
  } as const
  return { ...found, kind: kindOf(found) }
}

/** As a command ends: 0 when nothing would change, 2 when something would, 1 when it would be refused. */
export function exitCodeOf({ kind, isRefused }: Preview): 0 | 1 | 2 {
  if (isRefused) return 1
  return kind === 'nothing' ? 0 : 2
}

function isKeptOut(problems: readonly Problem[]): boolean {
  return problems.some(({ code }) => KEEPS_A_PLUGIN_OUT.has(code))
}

function kindOf(found: Omit<Preview, 'kind'>): Preview['kind'] {
  // One that depends on a plugin that is not there is left out whole, and was wanted all the same.
  const isWanted = found.after !== undefined || found.isRefused
  if (found.before === undefined) return isWanted ? 'install' : 'nothing'
  if (found.after === undefined) return isWanted ? 'replace' : 'remove'
  const isSame =
    found.before.version === found.after.version &&
    found.before.release === found.after.release &&
    found.nginx !== 'reload' &&
    found.workers.every(({ change }) => change === 'kept') &&
    [found.routes.added, found.routes.removed, found.configuration, found.cron].every((changes) => changes.length === 0)
  return isSame ? 'nothing' : 'replace'
}

function pluginOf({ plugins }: DesiredState, name: string): InstalledPlugin | undefined {
  const [found] = plugins.filter(({ plugin }) => plugin.name === name)
  return found
}

function identityOf(plugin: Plugin | undefined): Identity | undefined {
  return plugin && { version: plugin.version, release: plugin.release }
}

function appsOf({ apps }: DesiredState, name: string): readonly DesiredApp[] {
  return [...apps.values()].filter(({ plugin }) => plugin === name)
}

function workersChanges(before: readonly DesiredApp[], after: readonly DesiredApp[]): readonly WorkersChange[] {
  const following = new Map(after.map((app) => [app.id, app]))
  const known = new Set(before.map(({ id }) => id))
  return [
    ...before.map((old) => workersChange(old, following.get(old.id))),
    ...after
      .filter(({ id }) => !known.has(id))
      .map(({ app, kind, slots }) => ({ app, kind, before: 0, after: slots, change: 'added' }) as const),
  ]
}

function workersChange({ app, kind, slots, spec }: DesiredApp, next: DesiredApp | undefined): WorkersChange {
  if (next === undefined) return { app, kind, before: slots, after: 0, change: 'removed' }
  return { app, kind, before: slots, after: next.slots, change: spec.hash === next.spec.hash ? 'kept' : 'replaced' }
}

function configurationChanges(before: readonly PluginSetting[], after: readonly PluginSetting[]): readonly ValueChange[] {
  const nameOf = ({ section, key }: PluginSetting): string => `[${section}] ${key}`
  const textsOf = (settings: readonly PluginSetting[]): ReadonlyMap<string, string> =>
    new Map(settings.map((setting) => [nameOf(setting), setting.text]))
  const own = [...before, ...after].filter(({ section, key }) => !isKnownKey(section, key))
  const keys = new Map(own.map((setting) => [nameOf(setting), setting.key]))
  return differences(textsOf(before), textsOf(after)).map((change) => masked(change, keys.get(change.name)))
}

/** What only says again what the configuration says, or where the plugin lies, is left out. */
function environmentChanges(before: DesiredState, after: DesiredState, old: Plugin, next: Plugin): readonly ValueChange[] {
  const environmentOf = ({ spec }: DesiredApp, { home }: Plugin): ReadonlyMap<string, string> => {
    const own = Object.entries(spec.env).filter(([variable]) => !isOfConfiguration(variable, old, next))
    return new Map(own.map(([variable, value]) => [variable, value.replaceAll(home, '{plugin_dir}')]))
  }
  const changes = appsOf(before, old.name).flatMap((was) => {
    const following = after.apps.get(was.id)
    return following === undefined ? [] : differences(environmentOf(was, old), environmentOf(following, next))
  })
  const distinct = new Map(changes.map((change) => [JSON.stringify(change), change]))
  return [...distinct.values()].map((change) => masked(change, change.name))
}

function isOfConfiguration(variable: string, old: Plugin, next: Plugin): boolean {
  return Object.hasOwn(old.environment, variable) || Object.hasOwn(next.environment, variable)
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly ValueChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
    .filter((change) => change.before !== change.after)
}

/** `key`: what it is called, where that may tell a secret. */
function masked({ name, before, after }: ValueChange, key = ''): ValueChange {
  const show = (text: string | undefined): string | undefined => (text === undefined ? undefined : shown(key, text))
  return { name, before: show(before), after: show(after) }
}

/** A job whose command stays is one that is changed; the others come or go. */
function cronChanges(old: Plugin | undefined, next: Plugin | undefined): readonly CronChange[] {
  const [before, after] = [old?.crontab ?? [], next?.crontab ?? []]
  const gone = before.filter(({ name }) => after.every((job) => job.name !== name))
  const added = after.filter(({ name }) => before.every((job) => job.name !== name))
  const line = (job: { readonly name: string } | undefined): string | undefined =>
    job === undefined ? undefined : shown('', job.name)
  const changed = added.map((job) => ({ job, from: gone.find(({ command }) => command === job.command) }))
  return [
    ...changed.map(({ job, from }) => ({ before: line(from), after: line(job) })),
    ...gone.filter((job) => changed.every(({ from }) => from !== job)).map((job) => ({ before: line(job), after: undefined })),
  ]
}

/** The directory of a release is no difference: nginx reaches it by a path that stays. */
function nginxChange(before: DesiredState, after: DesiredState): Preview['nginx'] {
  if (!after.front) return 'off'
  return placeless(before) === placeless(after) ? 'untouched' : 'reload'
}

function placeless({ routes, plugins }: DesiredState): string {
  const homes = new Map(plugins.map(({ plugin }) => [plugin.name, plugin.home]))
  return JSON.stringify([
    routes.server,
    routes.paths,
    routes.plugins.map((one) => JSON.stringify(one).replaceAll(homes.get(one.plugin) ?? '\0', '{plugin_dir}')),
  ])
}

function renewedBy(name: string, before: DesiredState, after: DesiredState): readonly string[] {
  const others = [...before.apps.values()].filter((app) => {
    const next = after.apps.get(app.id)
    return app.plugin !== name && next !== undefined && next.spec.hash !== app.spec.hash
  })
  return [...new Set(others.map(({ plugin }) => plugin))].sort()
}

function newProblems(before: DesiredState, after: DesiredState): ReadonlyMap<string, readonly Problem[]> {
  return new Map(
    [...after.problems].map(([plugin, problems]) => {
      const known = new Set((before.problems.get(plugin) ?? []).map(({ message }) => message))
      return [plugin, problems.filter(({ message }) => !known.has(message))] as const
    }),
  )
}
