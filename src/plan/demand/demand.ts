import type { SpecHash } from '../../desired/ids.ts'
import type { Scale } from '../../desired/scale/bounds.ts'
import type { Millis } from '../../time.ts'

/** How many workers the requests for an app need, where its configuration leaves that open. */
export type Demand =
  /** None until somebody asks. */
  | { readonly is: 'asleep'; readonly hash: SpecHash }
  /** `quietSince`: nobody has asked from then on. */
  | { readonly is: 'awake'; readonly hash: SpecHash; readonly workers: number; readonly quietSince: Millis }

/** What is seen of an app. */
export interface Look {
  /** Of the version that is wanted. */
  readonly hash: SpecHash
  /** Requests that wait in the hold. */
  readonly held: number
  /** Connections to its workers that are open, those that wait to be accepted among them. */
  readonly open: number
  /** Whether somebody has connected to a worker since the look before. */
  readonly isVisited: boolean
  /** Whether somebody waits for it in another daemon of this home. */
  readonly isAskedFor: boolean
  /** Whether every worker that is needed is ready, and no other version is tried. */
  readonly isSettled: boolean
  /** Workers that run, ready or not. */
  readonly running: number
}

/**
 * What a daemon that has just begun takes an app for: awake where a daemon before it left workers. One that comes later is
 * started, so that whoever installs it sees whether it starts.
 */
export function firstDemand(look: Look, scale: Scale, now: Millis, when: 'at the start' | 'later'): Demand {
  const isNeeded = when === 'later' || look.running > 0 || isAsking(look) || scale.sleepAfterMs === 0
  return isNeeded ? awake(look, scale, now, look.running) : { is: 'asleep', hash: look.hash }
}

/** The only place where a demand changes. `now` is an argument: nothing here reads a clock. */
export function step(before: Demand, look: Look, scale: Scale, now: Millis): Demand {
  if (before.is === 'asleep') {
    const isEdited = scale.isDeveloped && look.hash !== before.hash
    if (isAsking(look) || isEdited || scale.sleepAfterMs === 0) return awake(look, scale, now, 1)
    return look.hash === before.hash ? before : { ...before, hash: look.hash }
  }
  const isUsed = isAsking(look) || look.open > 0 || look.isVisited || !look.isSettled
  const quietSince = isUsed ? now : before.quietSince
  if (scale.sleepAfterMs > 0 && now - quietSince >= scale.sleepAfterMs) return { is: 'asleep', hash: look.hash }
  return { ...before, hash: look.hash, workers: within(scale, before.workers), quietSince }
}

/** How many workers that are. */
export function workersFor(demand: Demand): number {
  return demand.is === 'asleep' ? 0 : demand.workers
}

function isAsking({ held, isAskedFor }: Look): boolean {
  return held > 0 || isAskedFor
}

function awake({ hash }: Look, scale: Scale, now: Millis, workers: number): Demand {
  return { is: 'awake', hash, workers: within(scale, workers), quietSince: now }
}

function within({ least, most }: Scale, workers: number): number {
  return Math.min(most, Math.max(1, least, workers))
}
