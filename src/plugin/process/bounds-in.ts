import type { WrittenBounds } from '../../bounds/bounds.ts'
import type { Values } from '../key.ts'
import type { BOUND_KEYS, PLUGIN_BOUND_KEYS } from '../keys/process-keys.ts'
import type { Plugin } from '../plugin.ts'

/** What a section of an app or a daemon says of its workers; nothing where it says nothing. */
export function boundsIn(values: Values<typeof BOUND_KEYS>): { readonly bounds?: WrittenBounds } {
  const { memory_high: memoryHigh, memory_max: memoryMax, tasks_max: tasksMax } = values
  const isWritten = [memoryHigh, memoryMax, tasksMax].some((value) => value !== undefined)
  return isWritten ? { bounds: { memoryHigh, memoryMax, tasksMax } } : {}
}

/** What `[general]` says of everything of the plugin together. */
export function pluginBoundsIn(values: Values<typeof PLUGIN_BOUND_KEYS>): Pick<Plugin, 'bounds' | 'diskMax'> {
  const bounds = {
    memoryMax: values.memory_max || undefined,
    tasksMax: values.tasks_max || undefined,
    cpuWeight: values.cpu_weight,
    cpuMax: values.cpu_max || undefined,
    ioWeight: values.io_weight,
  }
  const isBounded = Object.values(bounds).some((value) => value !== undefined)
  return { ...(isBounded ? { bounds } : {}), ...(values.disk_max ? { diskMax: values.disk_max } : {}) }
}
