import { readdirSync, readFileSync } from 'node:fs'
import { processes, sessionOf } from '../src/host/process/proc.ts'

/** Nanoseconds of processor time that the processes of these sessions have taken so far. Those that have ended do not count. */
export function timeOfSessions(leaders: readonly number[]): number {
  const members = processes().filter((pid) => leaders.includes(sessionOf(pid) ?? 0))
  return members.reduce((sum, pid) => sum + timeOf(pid), 0)
}

function timeOf(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce((sum, thread) => {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
      return sum + Number(ran)
    }, 0)
  } catch {
    // It has ended, which none of those that serve does.
    return 0
  }
}
