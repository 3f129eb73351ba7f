import type { AppId, SlotId } from './ids.ts'

/** The system's limit for the path of a unix socket in bytes, its final zero byte excluded. */
export const LONGEST_SOCKET_PATH = 107

export function appId(plugin: string, app: string): AppId {
  return `${plugin}/${app}` as AppId
}

export function slotId(app: AppId, slot: number): SlotId {
  return `${app}#${slot}` as SlotId
}

export function slotsOf(app: AppId, slots: number): readonly SlotId[] {
  return Array.from({ length: slots }, (_, index) => slotId(app, index + 1))
}

/** The app, or the daemon, that a slot belongs to. */
export function appOf(slot: SlotId): AppId {
  return slot.replace(/#\d+$/, '') as AppId
}

/** Takes a slot id apart: its plugin, app and number. */
export function partsOf(slot: SlotId): { readonly plugin: string; readonly app: string; readonly slot: number } {
  const [, plugin = '', app = '', number = ''] = /^(.+)\/(.+)#(\d+)$/.exec(slot) ?? []
  return { plugin, app, slot: Number(number) }
}

/** The name of a slot's link in the directory of sockets. Names hold no dot, so no two slots share one. */
export function linkName(slot: SlotId): string {
  const { plugin, app, slot: number } = partsOf(slot)
  return `${plugin}.${app}.${number}.sock`
}

/** What one worker is called in file names. */
export function socketName(slot: SlotId, generation: number): string {
  const { plugin, app, slot: number } = partsOf(slot)
  return `${plugin}.${app}.${number}.g${generation}.sock`
}

/**
 * Where a worker listens, below the directory of sockets: in one that has nothing but the sockets of its plugin, so that the
 * processes of a plugin can be shown it alone. Not longer than the name.
 */
export function socketPlace(slot: SlotId, generation: number): string {
  return socketName(slot, generation).replace('.', '/')
}

/** Where mfserv had the sockets of all plugins: beside the links. Workers that it started may still listen there. */
export function formerSocketPlace(slot: SlotId, generation: number): string {
  return socketName(slot, generation)
}

/** An empty file beside the links, of a worker that was linked and still takes requests: no client reaches another by its number. */
export function linkedName(slot: SlotId, generation: number): string {
  return socketName(slot, generation).replace(/sock$/, 'linked')
}

export function holdName(app: AppId): string {
  return `${app.replace('/', '.')}.hold.sock`
}

/** Where requests for the files of paused plugins wait. */
export const PAUSE_SOCKET = 'paused.sock'
/** Where nginx asks what a developer is told of a plugin that does not serve. */
export const DEVELOPER_SOCKET = 'developer.sock'

/** The reverse of `socketName` and of `socketPlace`; undefined for any other file name. */
export function parseSocketName(name: string): { readonly slot: SlotId; readonly generation: number } | undefined {
  const found = /^([^./]+)[./]([^./]+)\.(\d+)\.g(\d+)\.sock$/.exec(name)
  if (found === null) return undefined
  const [, plugin = '', app = '', slot, generation] = found
  return { slot: slotId(appId(plugin, app), Number(slot)), generation: Number(generation) }
}

/**
 * The name of the log of an app; of a daemon it begins with `extra_`. The last `_` parts the two names. Where the second one has a
 * `_` itself a dot does, which no name has: `a_b` and `c` must not share a log with `a` and `b_c`. Two dots stand before a name that ends
 * as the log of a worker does.
 */
export function logName(kind: 'app' | 'extra', plugin: string, name: string): string {
  return `${logStem(kind, plugin, name)}.log`
}

/**
 * The names of the files that a worker writes to; the number of its slot stands there as `{slot}`. `stdout` where the two streams
 * have a file each: then the first is that of stderr.
 */
export function logFiles(
  kind: 'app' | 'extra',
  { plugin, name }: { readonly plugin: string; readonly name: string },
  split: { readonly streams: boolean; readonly workers: boolean },
): { readonly logFile: string; readonly stdoutFile?: string } {
  const stem = `${logStem(kind, plugin, name)}${split.workers ? '_worker{slot}' : ''}`
  return split.streams ? { logFile: `${stem}.stderr`, stdoutFile: `${stem}.stdout` } : { logFile: `${stem}.log` }
}

function logStem(kind: 'app' | 'extra', plugin: string, name: string): string {
  const between = /(^|_)worker\d+$/.test(name) ? '..' : name.includes('_') ? '.' : '_'
  return `${kind}_${plugin}${between}${name}`
}
