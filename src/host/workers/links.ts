import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotId } from '../../desired/ids.ts'
import { appId, linkedName, linkName, parseSocketName, slotId } from '../../desired/slot.ts'
import { type ObservedWorker, type WorkerId, workerId } from '../../plan/observed.ts'
import { linkAtomically } from '../disk/atomic.ts'

/** Where the link of every slot points, as the directory of sockets says. */
export function readLinks(run: string): ReadonlyMap<SlotId, WorkerId> {
  const links = new Map<SlotId, WorkerId>()
  for (const entry of readdirSync(run, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue
    const [, plugin, app, slot] = /^([^.]+)\.([^.]+)\.(\d+)\.sock$/.exec(entry.name) ?? []
    const target = parseSocketName(readlinkSync(join(run, entry.name)))
    if (plugin === undefined || app === undefined || target === undefined) continue
    links.set(slotId(appId(plugin, app), Number(slot)), workerId(target.slot, target.generation))
  }
  return links
}

/** Sends the requests of a slot to a socket beside the link from now on. */
export function linkSlot(run: string, slot: SlotId, socket: string): void {
  linkAtomically(socket, join(run, linkName(slot)))
}

/** From now on nginx sends a client that stays at this worker there, also when another one is linked. */
export function markLinked(run: string, { slot, generation }: Generation): void {
  writeFileSync(join(run, linkedName(slot, generation)), '', { mode: 0o600 })
}

export function unmarkLinked(run: string, { slot, generation }: Generation): void {
  rmSync(join(run, linkedName(slot, generation)), { force: true })
}

type Generation = Pick<ObservedWorker, 'slot' | 'generation'>

export function unlinkSlot(run: string, slot: SlotId): void {
  rmSync(join(run, linkName(slot)), { force: true })
}
