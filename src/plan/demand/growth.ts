import type { Scale } from '../../desired/scale/bounds.ts'

/** What tells whether an app has enough workers. */
export interface Load {
  /** Requests that no worker has taken yet. */
  readonly queued: number
  /** The share of the time for which a worker has something to compute, the mean of them. */
  readonly busy: number
  /** Whether the machine has the memory for one more. */
  readonly hasRoom: boolean
}

/** How many workers an app has, and what speaks for another number. Each look counts once. */
export interface Growth {
  readonly workers: number
  /** Looks at which they were too few, less those since at which they were not. */
  readonly pressed: number
  /** Looks in a row at which one less would have done. */
  readonly eased: number
}

/** Python and Node run their code on one processor, so that more than this is nearly all there is. */
const BUSY = 0.8
/** With one worker less each of the others is to have so much left. */
const EASY = 0.5
const GROW_AT = 3
/** Longer than a new worker takes to be worth its start. */
const SHRINK_AT = 60

export function grown(workers: number): Growth {
  return { workers, pressed: 0, eased: 0 }
}

/** One step at a time, and none before what has led to the last one has been seen anew. */
export function grow(before: Growth, load: Load, { least, most }: Scale): Growth {
  const { workers } = before
  const fewest = Math.max(1, least)
  if (workers < fewest || workers > most) return grown(Math.min(most, Math.max(fewest, workers)))
  const isPressed = load.queued > 0 || load.busy >= BUSY
  const isEasy = load.queued === 0 && load.busy * workers < EASY * (workers - 1)
  const pressed = Math.min(GROW_AT, Math.max(0, before.pressed + (isPressed ? 1 : -1)))
  const eased = isEasy ? Math.min(SHRINK_AT, before.eased + 1) : 0
  if (pressed >= GROW_AT && workers < most && load.hasRoom) return grown(workers + 1)
  if (eased >= SHRINK_AT && workers > fewest) return grown(workers - 1)
  return pressed === before.pressed && eased === before.eased ? before : { workers, pressed, eased }
}

/** Whether it would have one more if the machine had the memory. */
export function lacksRoom({ workers, pressed }: Growth, { most }: Scale): boolean {
  return pressed >= GROW_AT && workers < most
}
