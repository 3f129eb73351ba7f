import { setTimeout as pause } from 'node:timers/promises'
import type { Routes } from '../desired/desired.ts'
import { systemProblem } from '../host/disk/disk-problem.ts'
import { giveUpPortion, missingReserve, type Room, reserveRoom, roomIn } from '../host/disk/room.ts'
import type { Paths } from '../host/home/paths.ts'
import { type Emptied, emptyLog, roomOfLogs } from '../host/logs/empty-log.ts'
import { log } from '../host/logs/logger.ts'
import type { Front, Publication } from '../host/nginx/front.ts'
import { steadyNow } from '../host/process/clock.ts'
import { floodOf, type LogSizes } from '../log/bounds.ts'
import { formatProblem, Problem } from '../problem.ts'
import { later, type Millis } from '../time.ts'

const LOOK_MS = 1000
/** While a log floods the disk: it is full again within a second. */
const FLOODED_LOOK_MS = 100
/** A log may fill the disk again while nginx is told: then it is told again for so long. */
const TELL_NGINX_FOR_MS = 10_000
const TELL_AGAIN_MS = 30
/** Of what was put aside so many portions are given up for one publication. */
const MOST_PORTIONS = 5
/** With less no file of ours can be relied on. */
const FULL_BELOW_BYTES = 256 << 10
const FULL_BELOW_FILES = 16
/** A log that takes less of the disk did not fill it. */
const FLOOD_BYTES = 64 << 20
const FLOOD_SHARE = 0.05
/** A log that has filled the disk and was emptied may be about to fill it again. */
const TOLD_FOR_MS = 5000

/** The disk of the runtime home: whether there is room, and what is done when there is none. */
export class Disk {
  readonly #paths: Paths
  readonly #changed: () => void
  #problem: Problem | undefined
  #isFull = false
  #tellUntil: Millis | undefined
  #emptied: Emptied | undefined
  /** Of the logs at the last look, if the disk was full. */
  #sizes: LogSizes = new Map()

  /** `changed` is called when something else is wrong with it than before. */
  constructor(paths: Paths, changed: () => void) {
    this.#paths = paths
    this.#changed = changed
  }

  /** Looks again and again, until it is closed. */
  watch(): { readonly close: () => void } {
    let timer: NodeJS.Timeout | undefined
    const again = (): void => {
      this.look()
      timer = setTimeout(again, this.#tellUntil === undefined ? LOOK_MS : FLOODED_LOOK_MS)
    }
    again()
    return { close: () => clearTimeout(timer) }
  }

  /** nginx is told again, with room, where the disk refused what it needs. */
  withRoom(front: Front): Front {
    const publish = async (routes: Routes): Promise<Publication> => {
      const until = later(steadyNow(), TELL_NGINX_FOR_MS)
      for (let tries = 0; ; tries += 1) {
        const outcome = await front.publish(routes)
        if (outcome.is === 'running' || outcome.problem.code !== 'DISK' || steadyNow() >= until) return outcome
        if (tries < MOST_PORTIONS) this.makeRoom()
        else this.look()
        await pause(TELL_AGAIN_MS)
      }
    }
    return { pid: () => front.pid(), prove: (...asked) => front.prove(...asked), stop: (ms) => front.stop(ms), publish }
  }

  /** What is wrong with it, if anything is. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** For what must be written now: where there is no room, a part of what was put aside is given up. */
  makeRoom(): void {
    this.look()
    if (this.#isFull && giveUpPortion(this.#paths.reserve) === 'given up')
      log('WARNING', 'the disk is full: room that was put aside is used')
  }

  /** Empties the log that fills the disk, and puts room aside where there is much. Never throws because of the disk. */
  look(): void {
    const before = this.#problem?.message
    try {
      this.#problem = this.#problemOf(roomIn(this.#paths.runtimeHome))
    } catch (error) {
      this.#problem = systemProblem(error, this.#paths.runtimeHome)
      if (this.#problem === undefined) throw error
    }
    if (this.#problem?.message !== before) this.#changed()
    if (this.#problem === undefined && before !== undefined) log('INFO', 'there is room on the disk again')
    if (this.#problem !== undefined && this.#problem.message !== before) log('ERROR', formatProblem(this.#problem))
  }

  #problemOf(room: Room): Problem | undefined {
    const { runtimeHome: file, reserve } = this.#paths
    if (room.isReadOnly) {
      const fix = 'Mount it for writing. What serves goes on meanwhile, but nothing can be changed, and no log is written.'
      return new Problem('DISK', 'the file system of the runtime home is read-only', fix, { file })
    }
    const isFull = room.bytes < FULL_BELOW_BYTES + missingReserve(reserve) || room.files < FULL_BELOW_FILES
    this.#isFull = isFull
    if (isFull) this.#emptyFlood(Math.min(FLOOD_BYTES, room.totalBytes * FLOOD_SHARE))
    else {
      this.#sizes = new Map()
      if (this.#tellUntil === undefined) reserveRoom(reserve, room)
    }
    if (!isFull && (this.#tellUntil === undefined || steadyNow() >= this.#tellUntil)) {
      this.#tellUntil = undefined
      this.#emptied = undefined
      return undefined
    }
    const what = room.files < FULL_BELOW_FILES ? 'the disk has no room for another file (df -i)' : 'the disk is full'
    return new Problem('DISK', this.#emptied === undefined ? what : flooded(this.#emptied), this.#fix(), { file })
  }

  #emptyFlood(floodBytes: number): void {
    const logs = roomOfLogs(this.#paths.log)
    const flood = floodOf(logs, this.#sizes, floodBytes)
    this.#sizes = new Map(logs.map(({ name, bytes }) => [name, bytes]))
    if (flood === undefined) return
    const emptied = emptyLog(this.#paths.log, flood)
    // A flood goes on: once is enough until it has ended.
    if (this.#emptied?.file !== emptied.file)
      log('WARNING', `the disk was full: ${emptied.file} was emptied, it had ${Math.ceil(emptied.bytes / (1 << 20))} MiB`)
    this.#emptied = emptied
    this.#tellUntil = later(steadyNow(), TOLD_FOR_MS)
  }

  #fix(): string {
    return this.#emptied === undefined
      ? 'Make room on it (df -h). What serves goes on; what was made or changed meanwhile may not have been kept.'
      : 'Have it write less, or make it smaller: max_size_before_rotation of [log] in config.ini.'
  }
}

function flooded({ file }: Emptied): string {
  return `the disk was full: ${file}, the largest log, was emptied`
}
