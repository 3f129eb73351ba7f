import { statSync, utimesSync } from 'node:fs'
import { now } from '../../process/clock.ts'

/** The system writes down times of files in steps of up to 10 ms. */
const STEP_MS = 10
/** Times that were written with decimals come back a little different. */
const ROUNDED_MS = 1

/**
 * Who has connected to which socket. A connection counts as an access to the file of the socket, so its last access tells of
 * every one, however short it was, at no cost for anybody but who looks. Most file systems note an access only when the last
 * one is older than the last change, so after each visit both are set back to the same time. Where that may not be done, or
 * accesses are not noted at all (noatime), nothing is told.
 */
export class Visits {
  #marks = new Map<string, number>()

  /** The sockets that were connected to since the last look at them; all that are looked at for the first time. */
  of(sockets: readonly string[]): ReadonlySet<string> {
    const marks = new Map<string, number>()
    const visited = new Set<string>()
    for (const socket of sockets) {
      const last = statSync(socket, { throwIfNoEntry: false })?.atimeMs
      if (last === undefined) continue
      const mark = this.#marks.get(socket)
      const isVisited = mark === undefined || last > mark + ROUNDED_MS
      if (isVisited) visited.add(socket)
      marks.set(socket, isVisited ? markAgain(socket, last) : mark)
    }
    this.#marks = marks
    return visited
  }
}

/** Answers the time of the last access as it is from now on. */
function markAgain(socket: string, last: number): number {
  const mark = now() - STEP_MS
  try {
    utimesSync(socket, mark / 1000, mark / 1000)
    return mark
  } catch (error) {
    if (error instanceof Error && 'code' in error) return last
    throw error
  }
}
