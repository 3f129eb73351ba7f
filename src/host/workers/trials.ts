/** Those that were inside a worker when it ended come to the hold within a moment of each other. */
const GATHER_MS = 20
/** Who has been in the next worker so long, or has its answer, has not ended it. */
const TRIAL_MS = 200
/** So many go in alone; then twice as many each time. */
const ALONE = 4

/** Requests that may end the worker they are given to. */
export interface Trials<T> {
  /** Somebody waits to be tried, or there is a worker for who waits. */
  gather(): void
  /** It has its answer or its client has left (`well`), or its worker has ended. */
  over(one: T, how: 'well' | 'ended'): void
  close(): void
}

/**
 * Lets what was inside a worker when it ended into the next one a few at a time: one of them may have ended it, and must not
 * take the others along a second time. `next` answers at most so many of them, the likeliest first, and none while there is
 * no worker; `enter` gives one to it.
 */
export function openTrials<T>(next: (most: number) => readonly T[], enter: (one: T) => void): Trials<T> {
  const inside = new Set<T>()
  let timer: NodeJS.Timeout | undefined
  let survived = 0

  function admit(): void {
    timer = undefined
    const tried = next(survived < ALONE ? 1 : 2 ** (survived - ALONE + 1))
    if (tried.length === 0) survived = 0
    else timer = setTimeout(pass, TRIAL_MS)
    for (const one of tried) inside.add(one)
    for (const one of tried) enter(one)
  }
  function pass(): void {
    clearTimeout(timer)
    inside.clear()
    survived += 1
    admit()
  }
  function gather(): void {
    timer ??= setTimeout(admit, GATHER_MS)
  }
  return {
    gather,
    over: (one, how) => {
      if (!inside.delete(one)) return
      if (how === 'well') {
        if (inside.size === 0) pass()
        return
      }
      // Others that were in that worker come back as well, and wait for their turn.
      clearTimeout(timer)
      timer = undefined
      inside.clear()
      survived = 0
      gather()
    },
    close: () => clearTimeout(timer),
  }
}
