import { join } from 'node:path'
import { namesIn } from '../disk/names-in.ts'
import { readJson } from '../disk/read-json.ts'
import type { Paths } from '../home/paths.ts'
import { memoryOf, processes, sessionOf } from '../process/proc.ts'

const LOOK_MS = 250

/** Memory in bytes of every process of a plugin: its workers and daemons, old and new, and what they started in their sessions. */
export function pluginMemory(plugin: string, { workers }: Paths): number {
  const sessions = new Set(leadersOf(plugin, workers))
  if (sessions.size === 0) return 0
  const all = processes().filter((pid) => sessions.has(sessionOf(pid) ?? 0))
  return all.reduce((sum, pid) => sum + memoryOf(pid), 0)
}

/** Looks four times a second how much memory a plugin has, until it is stopped. */
export class PeakMemory {
  readonly beforeBytes: number
  readonly #timer: NodeJS.Timeout
  readonly #look: () => number
  #peak: number

  private constructor(look: () => number) {
    this.#look = look
    this.beforeBytes = look()
    this.#peak = this.beforeBytes
    this.#timer = setInterval(() => this.#update(), LOOK_MS).unref()
  }

  static start(plugin: string, paths: Paths): PeakMemory {
    return new PeakMemory(() => pluginMemory(plugin, paths))
  }

  /** Answers the most there was. */
  stop(): number {
    clearInterval(this.#timer)
    this.#update()
    return this.#peak
  }

  #update(): void {
    this.#peak = Math.max(this.#peak, this.#look())
  }
}

/** Every worker leads a session; the records name them. */
function leadersOf(plugin: string, directory: string): readonly number[] {
  return namesIn(directory)
    .filter((name) => name.startsWith(`${plugin}.`) && name.endsWith('.json'))
    .flatMap((name) => pidIn(readJson(join(directory, name))) ?? [])
}

function pidIn(record: unknown): number | undefined {
  const state = memberOf(record, 'state')
  const pid = memberOf(memberOf(state, 'process'), 'pid')
  return typeof pid === 'number' && pid > 0 ? pid : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
