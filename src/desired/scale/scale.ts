import type { App } from '../../plugin/plugin.ts'
import type { DesiredApp } from '../desired.ts'
import type { SlotId } from '../ids.ts'
import { slotsOf } from '../slot.ts'

/** The slots of an app as it is wanted. Of one that may have fewer there are as many as a version needs to show that it starts. */
export function slotsFor(
  { workers, scale }: App,
  isDeveloped: boolean,
  sleepAfterMs: number,
): Pick<DesiredApp, 'slots' | 'scale'> {
  if (scale === undefined) return { slots: workers }
  const { least, sleepAfter } = scale
  const ofApp = sleepAfter === undefined ? sleepAfterMs : sleepAfter * 1000
  return {
    slots: Math.max(1, least),
    scale: { least, most: workers, sleepAfterMs: least === 0 ? ofApp : 0, isDeveloped },
  }
}

/** The app with so many workers; with none it sleeps. */
export function withWorkers(app: DesiredApp, workers: number): DesiredApp {
  return app.slots === workers ? app : { ...app, slots: workers }
}

/** Whether it has no worker because nobody asks for it. */
export function sleeps({ slots, scale }: DesiredApp): boolean {
  return scale !== undefined && slots === 0
}

/** Every slot that nginx has in the upstream of an app; none of an app without workers, whose requests go to the hold. */
export function routedSlots({ id, slots, scale }: DesiredApp): readonly SlotId[] {
  return slotsOf(id, slots === 0 ? 0 : (scale?.most ?? slots))
}
