import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DesiredBounds, type ModuleBounds, pluginsMemory } from '../../../bounds/bounds.ts'
import {
  CONTROLLERS,
  type Controller,
  DAEMON,
  delegatedGroup,
  groupOfPlugin,
  groupOfWorker,
  hasFile,
  keptBytes,
  oomKills,
  ownGroup,
  PLUGINS,
  VALUES_OF_DAEMON,
  type Values,
  valuesOfPlugin,
  valuesOfPlugins,
  valuesOfWorker,
} from '../../../bounds/groups.ts'
import { type GroupFacts, type Level, levelOf } from '../../../bounds/level.ts'
import type { Usage } from '../../../bounds/usage.ts'
import type { OverLimit } from '../../../worker/state.ts'
import { isSystemError } from '../../disk/errno.ts'
import { namesIn } from '../../disk/names-in.ts'
import { textOf } from '../../disk/text-of.ts'
import { log } from '../../logs/logger.ts'

const TREE = '/sys/fs/cgroup'

/** The control groups of the plugins, where they were given to this daemon. */
export class Groups {
  readonly level: Level
  readonly #root: string
  readonly #controllers: readonly Controller[]
  /** What each group was told last. */
  readonly #told = new Map<string, string>()
  #fault = ''

  private constructor(level: Level, root: string, controllers: readonly Controller[]) {
    this.level = level
    this.#root = root
    this.#controllers = controllers
  }

  /** Takes the tree of a service, and moves this process into its place in it. */
  static open(startedBy: GroupFacts['startedBy'], tree = TREE, cgroup = textOf('/proc/self/cgroup') ?? ''): Groups {
    const own = ownGroup(cgroup)
    const group = own === undefined ? undefined : delegatedGroup(own)
    const root = join(tree, group ?? '')
    const hasControllers = (textOf(join(tree, 'cgroup.controllers')) ?? '').trim() !== ''
    const isDelegated = group === undefined ? undefined : isWritable(join(root, 'cgroup.subtree_control'))
    const isOurs = hasControllers && startedBy === 'unit' && isDelegated === true
    const controllers = isOurs ? prepare(root) : []
    const user = process.getuid?.() === 0 || group?.startsWith('/system.slice/') === true ? 'root' : 'other'
    return new Groups(levelOf({ hasControllers, startedBy, isDelegated, controllers, user }), root, controllers)
  }

  /** What all plugins together may have. */
  hold(module: ModuleBounds): void {
    this.#tell(PLUGINS, valuesOfPlugins(pluginsMemory(module), machineTasks()))
  }

  /** The file a process writes itself into to be in the group of a worker; undefined where there are no groups. */
  enter(worker: string, bounds: DesiredBounds | undefined): string | undefined {
    if (this.level.is !== 'control groups') return undefined
    try {
      for (const group of groupsOf(worker)) {
        mkdirSync(join(this.#root, group), { recursive: true })
        this.#told.delete(group)
      }
      this.#give(groupOfPlugin(pluginOf(worker)))
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.#fail(`${worker} is in no control group: ${error.message}`)
      return undefined
    }
    if (bounds !== undefined) this.keep(worker, bounds)
    return join(this.#root, groupOfWorker(worker), 'cgroup.procs')
  }

  /** The groups of a worker get these limits, if they have others. */
  keep(worker: string, { worker: bounds, plugin }: DesiredBounds): void {
    this.#tell(groupOfPlugin(pluginOf(worker)), valuesOfPlugin(plugin))
    this.#tell(groupOfWorker(worker), valuesOfWorker(bounds))
  }

  /** Why the kernel has killed a worker; undefined when it has not. */
  killedFor(worker: string): OverLimit | undefined {
    const read = (file: string): string => this.#read(groupOfWorker(worker), file)
    if (oomKills(read('memory.events')) === 0) return undefined
    const common = { kind: 'over-limit', what: 'memory', used: undefined, outcome: 'killed' } as const
    const limit = Number(read('memory.max'))
    // Its own limit was not what it passed where it has none, or where those above it have run out.
    const isOwn = Number.isFinite(limit) && /^(?:oom|max) [1-9]/m.test(read('memory.events.local'))
    if (isOwn) return { ...common, of: 'worker', limit }
    const ofPlugin = Number(this.#read(groupOfPlugin(pluginOf(worker)), 'memory.max'))
    return { ...common, of: 'plugin', limit: Number.isFinite(ofPlugin) ? ofPlugin : Number(this.#read(PLUGINS, 'memory.max')) }
  }

  /** What is in the group of a worker takes, also what has left its session. Undefined where it is in none. */
  usageOf(worker: string): Usage | undefined {
    const group = groupOfWorker(worker)
    const tasks = Number(this.#read(group, 'pids.current'))
    if (tasks === 0) return undefined
    const swapped = Number(this.#read(group, 'memory.swap.current'))
    return { tasks, memory: keptBytes(this.#read(group, 'memory.stat')) + swapped }
  }

  /** Kills everything in the group of a worker, whatever session it is in. */
  kill(worker: string): void {
    this.#write(groupOfWorker(worker), 'cgroup.kill', '1')
  }

  /** Removes the groups that none of these workers is in, with what is left in them. */
  sweep(workers: ReadonlySet<string>): void {
    if (this.level.is !== 'control groups') return
    const wanted = new Set([...workers].flatMap(groupsOf))
    for (const plugin of groupsIn(join(this.#root, PLUGINS)).map((name) => `${PLUGINS}/${name}`)) {
      const all = [...groupsIn(join(this.#root, plugin)).map((name) => `${plugin}/${name}`), plugin]
      for (const group of all.filter((one) => !wanted.has(one))) {
        if (/^populated 1$/m.test(this.#read(group, 'cgroup.events'))) this.#write(group, 'cgroup.kill', '1')
        this.#remove(group)
      }
    }
  }

  #remove(group: string): void {
    try {
      rmdirSync(join(this.#root, group))
      this.#told.delete(group)
    } catch (error) {
      // EBUSY: something in it ends still.
      if (!isSystemError(error)) throw error
    }
  }

  #tell(group: string, values: Values): void {
    if (this.level.is !== 'control groups') return
    const text = JSON.stringify(values)
    if (this.#told.get(group) === text) return
    this.#told.set(group, text)
    for (const [file, value] of Object.entries(values)) {
      if (hasFile(file, this.#controllers)) this.#write(group, file, value)
    }
  }

  #give(group: string): void {
    writeFileSync(join(this.#root, group, 'cgroup.subtree_control'), enabling(this.#controllers))
  }

  #read(group: string, file: string): string {
    if (this.level.is !== 'control groups') return ''
    return textOf(join(this.#root, group, file)) ?? ''
  }

  /** A limit that is not taken holds by being watched. */
  #write(group: string, file: string, value: string): void {
    if (this.level.is !== 'control groups') return
    try {
      writeFileSync(join(this.#root, group, file), value)
    } catch (error) {
      if (!isSystemError(error)) throw error
      // Whoever has no weights for its disk has no such file.
      if (error.code !== 'ENOENT' && error.code !== 'EOPNOTSUPP')
        this.#fail(`${file} of ${group} is not ${value}: ${error.message}`)
    }
  }

  /** Once each. */
  #fail(fault: string): void {
    if (fault !== this.#fault) log('WARNING', `limits: ${fault}`)
    this.#fault = fault
  }
}

/** Answers the controllers that could be had. */
function prepare(root: string): readonly Controller[] {
  mkdirSync(join(root, DAEMON), { recursive: true })
  mkdirSync(join(root, PLUGINS), { recursive: true })
  // One that is started meanwhile is in the group of its parent, which may have been moved or not.
  for (let looks = 0; looks < 10; looks += 1) {
    const pids = (textOf(join(root, 'cgroup.procs')) ?? '').split('\n').filter((pid) => pid !== '')
    for (const pid of pids) tryWrite(join(root, DAEMON, 'cgroup.procs'), pid)
    if (pids.length === 0) break
  }
  tryWrite(join(root, DAEMON, 'cgroup.procs'), '0')
  const there = (textOf(join(root, 'cgroup.controllers')) ?? '').split(/\s+/)
  const had = CONTROLLERS.filter((one) => there.includes(one) && tryWrite(join(root, 'cgroup.subtree_control'), enabling([one])))
  const below = had.filter((one) => tryWrite(join(root, PLUGINS, 'cgroup.subtree_control'), enabling([one])))
  // Of workers that go on: the controllers may have been taken away so that this daemon could be started.
  for (const plugin of groupsIn(join(root, PLUGINS)))
    tryWrite(join(root, PLUGINS, plugin, 'cgroup.subtree_control'), enabling(below))
  for (const [file, value] of Object.entries(VALUES_OF_DAEMON)) {
    if (hasFile(file, below)) tryWrite(join(root, DAEMON, file), value)
  }
  return below
}

function enabling(controllers: readonly Controller[]): string {
  return controllers.map((one) => `+${one}`).join(' ')
}

function tryWrite(file: string, value: string): boolean {
  try {
    writeFileSync(file, value)
    return true
  } catch (error) {
    if (!isSystemError(error)) throw error
    return false
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch (error) {
    if (!isSystemError(error)) throw error
    return false
  }
}

/** The files of the kernel in a group have other names. */
function groupsIn(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => name.startsWith('of-') || name.includes('#'))
}

function groupsOf(worker: string): readonly string[] {
  return [groupOfPlugin(pluginOf(worker)), groupOfWorker(worker)]
}

function pluginOf(worker: string): string {
  return worker.slice(0, worker.indexOf('/'))
}

/** How many tasks this machine may have at once. */
function machineTasks(): number | undefined {
  const limits = ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map((file) =>
    Number(textOf(file)?.trim() || Number.NaN),
  )
  const known = limits.filter((limit) => limit > 0)
  return known.length === 0 ? undefined : Math.min(...known)
}
