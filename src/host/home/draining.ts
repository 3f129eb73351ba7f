import { existsSync, rmSync } from 'node:fs'
import { writeAtomically } from '../disk/atomic.ts'
import type { Paths } from './paths.ts'

/** Whether this machine is to get no new work. It holds over every restart, until it is taken back. */
export function isDraining({ draining }: Paths): boolean {
  return existsSync(draining)
}

export function markDraining({ draining }: Paths): void {
  writeAtomically(draining, 'mfserv drain\n')
}

export function unmarkDraining({ draining }: Paths): void {
  rmSync(draining, { force: true })
}
