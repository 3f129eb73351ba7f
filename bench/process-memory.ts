import { readFileSync } from 'node:fs'
import { processes, sessionOf } from '../src/host/process/proc.ts'

/** In MB of 1,000,000 bytes. */
export function memoryOf(pid: number): { readonly rss: number; readonly pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => (Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / 1e6
  return { rss: megabytes('Rss'), pss: megabytes('Pss') }
}

/** PSS of the processes that lead a session, and of everything they started in it. */
export function pssOfSessions(leaders: readonly number[]): number {
  const members = processes().filter((pid) => leaders.includes(sessionOf(pid) ?? 0))
  return members.reduce((sum, pid) => sum + memoryOf(pid).pss, 0)
}
