import type { DesiredState } from '../desired/desired.ts'
import type { SlotId } from '../desired/ids.ts'
import { routedSlots, sleeps } from '../desired/scale/scale.ts'
import { appOf } from '../desired/slot.ts'
import type { Action, LinkSlot, UnlinkSlot } from './action.ts'
import type { ObservedState, ObservedWorker } from './observed.ts'
import { type AppView, type Grouped, newest } from './view.ts'

/**
 * Where each slot should point: at its own worker, else at a living sibling, so that nginx need not try a dead socket; those of
 * an app that has fewer workers now at each of them in turn. A slot no longer wanted follows while nginx may still serve routes
 * that name it.
 */
export function linksOf(
  view: AppView,
  canaries: ReadonlyMap<SlotId, ObservedWorker>,
  { slots, links }: Grouped,
  isPublished: boolean,
): readonly LinkSlot[] {
  const routed = routedSlots(view.app)
  const before = (slots.get(view.app.id) ?? []).filter((slot) => !routed.includes(slot))
  const serving = sleeps(view.app) ? [] : servingOf(view)
  return [...routed, ...(isPublished ? [] : before)].flatMap((slot, index) => {
    const sibling = serving[index % serving.length]
    if (sibling === undefined) return []
    const present = links.get(slot)
    const own = canaries.get(slot) ?? newest(serving.filter((worker) => worker.slot === slot))
    const kept = own ?? (view.app.scale === undefined ? serving.find((worker) => worker.id === present) : undefined) ?? sibling
    return kept.id === present ? [] : [{ kind: 'link-slot' as const, slot, worker: kept.id }]
  })
}

/** The new version once it is ready in every slot, the old one before; a leftover of another slot before nothing at all. */
function servingOf({ slots, old, linked }: AppView): readonly ObservedWorker[] {
  const ready = slots.flatMap((slot) => slot.ready ?? [])
  const serving = ready.length === slots.length || old.length === 0 ? ready : old
  return serving.length > 0 ? serving : linked
}

/** An app that sleeps has no link, so that its requests come to the hold; only then do its workers end. */
export function unlinksOf({ app }: AppView, { slots }: Grouped): readonly UnlinkSlot[] {
  return sleeps(app) ? (slots.get(app.id) ?? []).map((slot) => ({ kind: 'unlink-slot', slot })) : []
}

/** Links and holds that no route names any more. */
export function leftovers({ apps }: Pick<DesiredState, 'apps'>, observed: ObservedState): readonly Action[] {
  const asleep = new Set([...apps.values()].filter(sleeps).map(({ id }) => id))
  const slots = new Set([...apps.values()].flatMap(routedSlots))
  const isLeft = (slot: SlotId): boolean => !slots.has(slot) && !asleep.has(appOf(slot))
  return [
    ...[...observed.links.keys()].filter(isLeft).map((slot): Action => ({ kind: 'unlink-slot', slot })),
    ...[...observed.holds].filter((app) => !apps.has(app)).map((app): Action => ({ kind: 'close-hold', app })),
  ]
}
