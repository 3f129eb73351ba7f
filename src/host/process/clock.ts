import type { Millis } from '../../time.ts'

/** The time of the clock: for people, for the crontab, and to compare with what the access log says. */
export function now(): Millis {
  return Date.now() as Millis
}

/**
 * The time for deadlines. It began at the time of the clock when this process did, and goes on evenly whatever becomes of the
 * clock: a step of it, as after a machine was suspended, must not end a worker that starts or drains.
 */
export function steadyNow(): Millis {
  return Math.floor(performance.timeOrigin + performance.now()) as Millis
}

/** A moment of the steady time as the clock would tell it, to the second: asked again, it is the same. */
export function onTheClock(steady: Millis): Millis {
  const steppedSeconds = Math.round((now() - steadyNow()) / 1000)
  return (steady + steppedSeconds * 1000) as Millis
}
