import { readFileSync } from 'node:fs'

const PAGE_SIZE = 6
const CLOCK_TICKS = 17

export interface Units {
  readonly pageBytes: number
  readonly ticksPerSecond: number
}

let known: Units | undefined

/** In what the kernel counts memory and time: it tells each process at its start. */
export function units(): Units {
  known ??= readUnits()
  return known
}

function readUnits(): Units {
  const vector = readFileSync('/proc/self/auxv')
  const told = new Map<bigint, number>()
  for (let at = 0; at + 16 <= vector.length; at += 16)
    told.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + 8)))
  return { pageBytes: told.get(BigInt(PAGE_SIZE)) ?? 4096, ticksPerSecond: told.get(BigInt(CLOCK_TICKS)) ?? 100 }
}
