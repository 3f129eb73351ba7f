/** What one worker, with all that it starts, may take: bytes, and processes with their threads. Undefined: no limit. */
export interface Bounds {
  /** From here on another worker takes its place. */
  readonly memoryHigh: number | undefined
  /** From here on it is killed. */
  readonly memoryMax: number | undefined
  readonly tasksMax: number | undefined
}

/** What everything of a plugin may take together. Undefined: no limit, or the weight that all others have. */
export interface PluginBounds {
  readonly memoryMax: number | undefined
  readonly tasksMax: number | undefined
  /** From 1 to 10000; 100 is what others have. */
  readonly cpuWeight: number | undefined
  /** In percent of one core. */
  readonly cpuMax: number | undefined
  /** From 1 to 10000; 100 is what others have. */
  readonly ioWeight: number | undefined
}

/** As a section of config.ini has it: undefined is what the module says, 0 is no limit. */
export interface WrittenBounds {
  readonly memoryHigh?: number | undefined
  readonly memoryMax?: number | undefined
  readonly tasksMax?: number | undefined
}

/** `[limits]` of the module, and the memory of the machine. */
export interface ModuleBounds extends WrittenBounds {
  /** Of all plugins together. */
  readonly pluginsMemoryMax?: number | undefined
  readonly machineBytes: number
}

/** What one worker may take, and what everything of its plugin may take together. */
export interface DesiredBounds {
  readonly worker: Bounds
  readonly plugin: PluginBounds
}

export const NO_BOUNDS: Bounds = { memoryHigh: undefined, memoryMax: undefined, tasksMax: undefined }

const NO_PLUGIN_BOUNDS: PluginBounds = {
  memoryMax: undefined,
  tasksMax: undefined,
  cpuWeight: undefined,
  cpuMax: undefined,
  ioWeight: undefined,
}

/** mfserv and nginx, and what else the machine has to do, keep so much of its memory. */
const KEPT_BYTES = 512 << 20
const KEPT_SHARE = 0.1
/** On a small machine no more than this. */
const MOST_KEPT_SHARE = 0.25
/** One worker alone does not take what all plugins have together. */
const SHARE_OF_ONE = 0.5
/** Where it is not said how much is too much for a while: another worker is up before it is much more. */
const HIGH_SHARE = 0.8
/** A JVM and a Go program have some dozens of threads, a pool of a thousand is a mistake. */
const TASKS_MAX = 1000

/** Bytes that all plugins may have together; undefined: no limit. */
export function pluginsMemory({ pluginsMemoryMax, machineBytes }: ModuleBounds): number | undefined {
  if (pluginsMemoryMax !== undefined) return noneIfZero(pluginsMemoryMax)
  const kept = Math.min(machineBytes * MOST_KEPT_SHARE, Math.max(KEPT_BYTES, machineBytes * KEPT_SHARE))
  return noneIfZero(Math.floor(machineBytes - kept))
}

/** What holds for a worker: what its section says, else what the module says, else what suits the machine. */
export function boundsOf(written: WrittenBounds, module: ModuleBounds): Bounds {
  const together = pluginsMemory(module)
  const usual = together === undefined ? 0 : Math.floor(together * SHARE_OF_ONE)
  const memoryMax = noneIfZero(written.memoryMax ?? module.memoryMax ?? usual)
  const high = written.memoryHigh ?? (written.memoryMax === undefined ? module.memoryHigh : undefined)
  return {
    memoryHigh: noneIfZero(high ?? Math.floor((memoryMax ?? 0) * HIGH_SHARE)),
    memoryMax,
    tasksMax: noneIfZero(written.tasksMax ?? module.tasksMax ?? TASKS_MAX),
  }
}

/**
 * Of a worker and of its plugin, as they are written, in a module; without one there are no limits. They are no part of a version:
 * one that changes holds at once, and replaces nobody.
 */
export function desiredBounds(
  worker: WrittenBounds | undefined,
  plugin: PluginBounds | undefined,
  module: ModuleBounds | undefined,
): DesiredBounds {
  return { worker: module === undefined ? NO_BOUNDS : boundsOf(worker ?? {}, module), plugin: plugin ?? NO_PLUGIN_BOUNDS }
}

function noneIfZero(value: number): number | undefined {
  return value === 0 ? undefined : value
}
