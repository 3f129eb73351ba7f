import type { Millis } from '../time.ts'
import type { PluginReport, SlotReport } from './protocol.ts'
import { pluginTrouble } from './trouble-text.ts'

/** What a developer was told of a plugin. */
export interface Told {
  /** Of each app and daemon the version that gets the requests. */
  readonly versions: ReadonlyMap<string, number>
  readonly trouble: string
}

export interface News {
  readonly told: Told
  readonly lines: readonly string[]
  /** Whether it has settled: nothing more is to come of what happened. */
  readonly isSettled: boolean
}

/** Requests are answered meanwhile, by the version before. */
const OLD_SERVES = 'Meanwhile requests are answered by the version before, or by the workers that did start.'

export function toldOf(plugin: PluginReport): Told {
  const parts = [...plugin.apps, ...plugin.daemons]
  const versions = parts.map(({ name, slots }) => [name, oldest(slots)] as const)
  return { versions: new Map(versions), trouble: pluginTrouble(plugin).join('\n') }
}

/** A version serves once every slot has it; 0 where none does. */
function oldest(slots: readonly SlotReport[]): number {
  const awake = slots.filter(({ actual }) => actual !== 'asleep')
  return awake.length === 0 ? 0 : Math.min(...awake.map(({ generation }) => generation))
}

/** When its sources changed, and when its last worker was ready. */
export interface Times {
  readonly changedAt: Millis | undefined
  readonly readyAt: Millis | undefined
}

/** How many milliseconds the workers took for the last change; undefined as long as that is not known. */
export function tookMs({ changedAt, readyAt }: Times): number | undefined {
  return changedAt === undefined || readyAt === undefined || readyAt < changedAt ? undefined : readyAt - changedAt
}

/** What there is to say of it that was not said before. */
export function newsOf(before: Told, plugin: PluginReport, times: Times): News {
  const now = toldOf(plugin)
  const isSettled = plugin.state !== 'starting' && !isMoving(plugin)
  if (!isSettled) return { told: before, lines: [], isSettled }
  if (plugin.state !== 'serving') {
    if (alike(now.trouble) === alike(before.trouble)) return { told: before, lines: [], isSettled }
    const lines = [`${plugin.name} is ${plugin.state}:`, now.trouble, ...(isAnswering(plugin) ? [OLD_SERVES] : [])]
    return { told: { ...before, trouble: now.trouble }, lines, isSettled }
  }
  const lines = [...changed(before, now).map((text) => `${text} serves${after(times)}`), ...troubleLines(before, now)]
  const isBack = lines.length === 0 && before.trouble !== '' && now.trouble === ''
  return { told: now, lines: isBack ? [`${plugin.name} serves again`] : lines, isSettled }
}

/** `v5`, and in a plugin of several parts `main v5`. */
function changed({ versions: before }: Told, { versions }: Told): readonly string[] {
  const isNew = [...versions].filter(([name, version]) => version > 0 && before.get(name) !== version)
  return isNew.map(([name, version]) => (versions.size === 1 ? `v${version}` : `${name} v${version}`))
}

function troubleLines(before: Told, { trouble }: Told): readonly string[] {
  return trouble === '' || alike(trouble) === alike(before.trouble) ? [] : [trouble]
}

/** An attempt that fails as the one before is no news: its output differs by its moment and its process. */
function alike(trouble: string): string {
  return trouble.replaceAll(/\d+/g, '#')
}

function after(times: Times): string {
  const took = tookMs(times)
  return took === undefined ? '' : ` after ${(took / 1000).toFixed(1)} s`
}

function isMoving({ apps, daemons }: PluginReport): boolean {
  return [...apps, ...daemons].some(({ slots }) => slots.some(({ actual }) => actual === 'starting'))
}

function isAnswering({ apps }: PluginReport): boolean {
  return apps.some(({ slots }) => slots.some(({ pid }) => pid !== null))
}
