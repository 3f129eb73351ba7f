import type { SpecHash } from '../../desired/ids.ts'
import type { Scale } from '../../desired/scale/bounds.ts'
import type { Millis } from '../../time.ts'
import { type Growth, grow, grown, type Load } from './growth.ts'

/** How many workers the requests for an app need, where its configuration leaves that open. */
export type Demand =
  /** None until somebody asks. */
  | { readonly is: 'asleep'; readonly hash: SpecHash }
  /** `quietSince`: nobody has asked from then on. */
  | { readonly is: 'awake'; readonly hash: SpecHash; readonly growth: Growth; readonly quietSince: Millis }

/** What is seen of an app. */
export interface Look {
  /** Of the version that is wanted. */
  readonly hash: SpecHash
  /** Requests that wait in the hold. */
  readonly held: number
  /** Whether somebody waits for it in another daemon of this home. */
  readonly isAskedFor: boolean
  /** Workers that run, ready or not. */
  readonly running: number
}

/** The same of an app that is awake, with what its sockets and processes show. */
export interface LookAtWorkers extends Look {
  /** Connections to its workers that are open, those that wait to be accepted among them. */
  readonly open: number
  /** Whether somebody has connected to a worker since the look before. */
  readonly isVisited: boolean
  /** Whether every worker that is needed is ready, and no other version is tried. */
  readonly isSettled: boolean
  readonly load: Load
}

/**
 * What a daemon that has just begun takes an app for: awake where a daemon before it left workers. One that comes later is
 * started, so that whoever installs it sees whether it starts.
 */
export function firstDemand(look: Look, scale: Scale, now: Millis, when: 'at the start' | 'later'): Demand {
  const isNeeded = when === 'later' || look.running > 0 || isAsking(look) || scale.sleepAfterMs === 0
  return isNeeded ? awake(look, scale, now, look.running) : { is: 'asleep', hash: look.hash }
}

/** Whether it is to wake up. */
export function wakes(before: Extract<Demand, { is: 'asleep' }>, look: Look, scale: Scale, now: Millis): Demand {
  const isEdited = scale.isDeveloped && look.hash !== before.hash
  if (isAsking(look) || isEdited || scale.sleepAfterMs === 0) return awake(look, scale, now, 1)
  return look.hash === before.hash ? before : { ...before, hash: look.hash }
}

/** Whether it needs another number of workers, or none. While it is not settled, its load says nothing about their number. */
export function goesOn(before: Extract<Demand, { is: 'awake' }>, look: LookAtWorkers, scale: Scale, now: Millis): Demand {
  const isUsed = isAsking(look) || look.open > 0 || look.isVisited || !look.isSettled
  const quietSince = isUsed ? now : before.quietSince
  if (scale.sleepAfterMs > 0 && now - quietSince >= scale.sleepAfterMs) return { is: 'asleep', hash: look.hash }
  const growth = look.isSettled ? grow(before.growth, look.load, scale) : within(scale, before.growth)
  return { is: 'awake', hash: look.hash, growth, quietSince }
}

/** How many workers that are. */
export function workersFor(demand: Demand): number {
  return demand.is === 'asleep' ? 0 : demand.growth.workers
}

function isAsking({ held, isAskedFor }: Look): boolean {
  return held > 0 || isAskedFor
}

function awake({ hash }: Look, scale: Scale, now: Millis, workers: number): Demand {
  return { is: 'awake', hash, growth: within(scale, grown(workers)), quietSince: now }
}

function within({ least, most }: Scale, growth: Growth): Growth {
  const workers = Math.min(most, Math.max(1, least, growth.workers))
  return workers === growth.workers ? growth : grown(workers)
}
