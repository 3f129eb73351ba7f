import type { SlotId } from '../../desired/ids.ts'
import { type RestartCause, remembered, type SlotHistory } from '../../worker/history.ts'
import type { Failure } from '../../worker/state.ts'
import { now } from '../process/clock.ts'

const NO_HISTORY: SlotHistory = { restarts: 0, lastRestart: undefined }

/** What happened in each slot before its present worker. */
export class Histories {
  readonly #bySlot = new Map<SlotId, SlotHistory>()

  of(slot: SlotId): SlotHistory {
    return this.#bySlot.get(slot) ?? NO_HISTORY
  }

  /** Of the record of one worker; that of another in the slot may tell more. */
  adopt(slot: SlotId, history: SlotHistory): void {
    const known = this.#bySlot.get(slot)
    if (known === undefined || known.restarts <= history.restarts) this.#bySlot.set(slot, history)
  }

  remember(slot: SlotId, cause: RestartCause, failure?: Partial<Pick<Failure, 'reason' | 'output'>>): void {
    const lastRestart = { cause, at: now(), reason: failure?.reason, output: failure?.output ?? '' }
    this.#bySlot.set(slot, remembered(this.of(slot), lastRestart))
  }
}
