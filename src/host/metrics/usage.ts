import { processes, type Usage, usageOf } from '../process/proc.ts'
import { units } from '../process/units.ts'

/** What a session of processes takes: a worker leads one of its own, and what it starts stays in it. */
export interface SessionUsage {
  readonly memoryBytes: number
  readonly cpuSeconds: number
}

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
