import type { Bounds, PluginBounds } from './bounds.ts'

/** Of cgroup v2, as the kernel calls them. */
export const CONTROLLERS = ['memory', 'pids', 'cpu', 'io'] as const
export type Controller = (typeof CONTROLLERS)[number]

/** Where this process is, relative to the root of the tree: the line `0::` of /proc/self/cgroup. */
export function ownGroup(procSelfCgroup: string): string | undefined {
  return /^0::(\/.*)$/m.exec(procSelfCgroup)?.[1]
}

/** The group that was delegated to a service: that of the unit, whichever group below it somebody is in. */
export function delegatedGroup(own: string): string | undefined {
  return /^(\/.+\.(?:service|scope))(?:\/(?:daemon|\.control|plugins\/.+))?$/.exec(own)?.[1]
}

/** Below the delegated group. mfserv and nginx are in `daemon`: a group that has groups below it must hold no process itself. */
export const DAEMON = 'daemon'
export const PLUGINS = 'plugins'

/** No file of the kernel in a group has such a name. */
export function groupOfPlugin(plugin: string): string {
  return `${PLUGINS}/of-${plugin}`
}

/** `worker`: its id, `<plugin>/<app>#<slot>.g<generation>`. */
export function groupOfWorker(worker: string): string {
  const at = worker.indexOf('/')
  return `${groupOfPlugin(worker.slice(0, at))}/${worker.slice(at + 1)}`
}

/** The files of a group and what is written into them. */
export type Values = Readonly<Record<string, string>>

/**
 * With some more tasks than the limit the kernel refuses another one, which a worker may live through without a word. What looks
 * after it sees it pass the limit before.
 */
const MORE_TASKS = 32
const PERIOD_US = 100_000

/**
 * All processes of a worker end together: what is left of it without its first one would serve nobody. Where the kernel slows it
 * down, half way from the soft limit to the hard one, another worker is on its way already: what is slowed down serves badly, and
 * looks for memory with all the processor time it gets.
 */
export function valuesOfWorker({ memoryHigh, memoryMax, tasksMax }: Bounds): Values {
  return {
    'memory.oom.group': '1',
    'memory.high': amount(memoryMax === undefined ? undefined : Math.floor(((memoryHigh ?? memoryMax) + memoryMax) / 2)),
    'memory.max': amount(memoryMax),
    'pids.max': amount(tasksMax === undefined ? undefined : tasksMax + MORE_TASKS),
  }
}

export function valuesOfPlugin({ memoryMax, tasksMax, cpuWeight, cpuMax, ioWeight }: PluginBounds): Values {
  return {
    'memory.max': amount(memoryMax),
    'pids.max': amount(tasksMax === undefined ? undefined : tasksMax + MORE_TASKS),
    'cpu.weight': String(cpuWeight ?? USUAL_WEIGHT),
    'cpu.max': `${cpuMax === undefined ? 'max' : (cpuMax * PERIOD_US) / 100} ${PERIOD_US}`,
    'io.weight': `default ${ioWeight ?? USUAL_WEIGHT}`,
  }
}

const USUAL_WEIGHT = 100
/** Where everybody wants the processors, mfserv and nginx get ten times what all plugins together get, and need little of it. */
const DAEMON_WEIGHT = 1000
/** So much of them is not taken to make room for a plugin. */
const DAEMON_MEMORY = 256 << 20
const SHARE_OF_TASKS = 0.8

/** `machineTasks`: how many tasks the machine may have. */
export function valuesOfPlugins(memoryMax: number | undefined, machineTasks: number | undefined): Values {
  return {
    'memory.max': amount(memoryMax),
    'pids.max': amount(machineTasks === undefined ? undefined : Math.floor(machineTasks * SHARE_OF_TASKS)),
    'cpu.weight': String(USUAL_WEIGHT),
    'io.weight': `default ${USUAL_WEIGHT}`,
  }
}

export const VALUES_OF_DAEMON: Values = {
  'memory.low': String(DAEMON_MEMORY),
  'cpu.weight': String(DAEMON_WEIGHT),
  'io.weight': `default ${DAEMON_WEIGHT}`,
}

/** Whether the controllers that are there have such a file. */
export function hasFile(file: string, controllers: readonly Controller[]): boolean {
  return controllers.some((one) => file.startsWith(`${one}.`))
}

/** Bytes that a group keeps from others: the text of its memory.stat, without what it has in swap. Pages of files can go. */
export function keptBytes(memoryStat: string): number {
  const bytes = ['anon', 'shmem'].map((name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(memoryStat)?.[1] ?? 0))
  return bytes.reduce((sum, one) => sum + one, 0)
}

/** How often the kernel has killed for want of memory in a group: the text of its memory.events. */
export function oomKills(memoryEvents: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(memoryEvents)?.[1] ?? 0)
}

function amount(value: number | undefined): string {
  return value === undefined ? 'max' : String(value)
}
