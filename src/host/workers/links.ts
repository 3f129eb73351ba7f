import { lstatSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotId } from '../../desired/ids.ts'
import {
  appId,
  formerSocketPlace,
  linkedName,
  linkName,
  parseSocketName,
  partsOf,
  slotId,
  socketName,
  socketPlace,
} from '../../desired/slot.ts'
import { type ObservedWorker, type WorkerId, workerId } from '../../plan/observed.ts'
import { linkAtomically } from '../disk/atomic.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { PARKED } from './pause/parking.ts'
import { isPaused } from './pause/paused.ts'

/** Also of a plugin that is paused. */
const LINK = /^([^.]+)\.([^.]+)\.(\d+)\.sock(?:\.parked)?$/

/** Where the link of every slot points, as the directory of sockets says. */
export function readLinks(run: string): ReadonlyMap<SlotId, WorkerId> {
  const links = new Map<SlotId, WorkerId>()
  for (const name of readdirSync(run)) {
    const [, plugin, app, slot] = LINK.exec(name) ?? []
    if (plugin === undefined || app === undefined) continue
    const target = parseSocketName(targetOf(join(run, name)))
    if (target === undefined) continue
    links.set(slotId(appId(plugin, app), Number(slot)), workerId(target.slot, target.generation))
  }
  return links
}

/** Empty of what is no link, or has gone meanwhile. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (isErrno(error, 'EINVAL') || isErrno(error, 'ENOENT')) return ''
    throw error
  }
}

/** Sends the requests of a slot to a socket from now on, which the link names as it is seen from its directory; of a plugin that is paused, after the pause. */
export function linkSlot(place: Place, slot: SlotId, socket: string): void {
  linkAtomically(socket, placeOf(place, slot, linkName(slot)))
}

/** The path that a worker listens on. */
export function socketAt(run: string, { slot, generation }: Generation): string {
  const former = join(run, formerSocketPlace(slot, generation))
  const isThere = lstatSync(former, { throwIfNoEntry: false })?.isSocket() === true
  return isThere ? former : join(run, socketPlace(slot, generation))
}

/** From now on nginx sends a client that stays at this worker there, also when another one is linked. */
export function markLinked(place: Place, worker: Generation): void {
  const { slot, generation } = worker
  const beside = join(place.run, socketName(slot, generation))
  if (socketAt(place.run, worker) !== beside) linkAtomically(socketPlace(slot, generation), beside)
  writeFileSync(placeOf(place, slot, linkedName(slot, generation)), '', { mode: 0o600 })
}

export function unmarkLinked(run: string, { slot, generation }: Generation): void {
  remove(run, linkedName(slot, generation))
  remove(run, socketName(slot, generation))
}

type Place = Pick<Paths, 'run' | 'paused'>
type Generation = Pick<ObservedWorker, 'slot' | 'generation'>

export function unlinkSlot(run: string, slot: SlotId): void {
  remove(run, linkName(slot))
}

function placeOf(place: Place, slot: SlotId, name: string): string {
  return join(place.run, isPaused(partsOf(slot).plugin, place) ? `${name}${PARKED}` : name)
}

function remove(run: string, name: string): void {
  for (const entry of [name, `${name}${PARKED}`]) rmSync(join(run, entry), { force: true })
}
