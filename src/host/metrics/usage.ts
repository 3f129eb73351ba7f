import { readFileSync } from 'node:fs'
import { processes, type Usage, usageOf } from '../process/proc.ts'

/** What a session of processes takes: a worker leads one of its own, and what it starts stays in it. */
export interface SessionUsage {
  readonly memoryBytes: number
  readonly cpuSeconds: number
}

const PAGE_SIZE = 6
const CLOCK_TICKS = 17

/** By the process that leads the session. One look at every process of the machine. */
export function usageBySession(): ReadonlyMap<number, SessionUsage> {
  const { pageBytes, ticksPerSecond } = units()
  const found = processes().flatMap((pid) => usageOf(pid) ?? [])
  return new Map(
    [...Map.groupBy(found, ({ session }) => session)].map(([leader, all]) => [
      leader,
      { memoryBytes: sum(all, 'pages') * pageBytes, cpuSeconds: sum(all, 'ticks') / ticksPerSecond },
    ]),
  )
}

/** Of one process alone. */
export function usageOfProcess(pid: number): SessionUsage | undefined {
  const { pageBytes, ticksPerSecond } = units()
  const usage = usageOf(pid)
  return usage === undefined ? undefined : { memoryBytes: usage.pages * pageBytes, cpuSeconds: usage.ticks / ticksPerSecond }
}

function sum(all: readonly Usage[], name: 'pages' | 'ticks'): number {
  return all.reduce((total, one) => total + one[name], 0)
}

/** In what the kernel counts memory and time: it tells each process at its start. */
function units(): { readonly pageBytes: number; readonly ticksPerSecond: number } {
  const vector = readFileSync('/proc/self/auxv')
  const told = new Map<bigint, number>()
  for (let at = 0; at + 16 <= vector.length; at += 16)
    told.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + 8)))
  return { pageBytes: told.get(BigInt(PAGE_SIZE)) ?? 4096, ticksPerSecond: told.get(BigInt(CLOCK_TICKS)) ?? 100 }
}
