import { setPriority } from 'node:os'

const LOWEST = 19

/** Lets every other process of this machine go first: what this one does can wait. */
export function lowerPriority(): void {
  setPriority(LOWEST)
}
