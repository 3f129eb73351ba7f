import { setPriority } from 'node:os'

/** A tenth of the turns of a usual process. With fewer it would not get to answer at all where many want the processor. */
const LOW = 10

/** Lets the other processes of this machine go first: what this one does can wait. */
export function lowerPriority(): void {
  setPriority(LOW)
}
