import { readFileSync } from 'node:fs'
import type { AppId } from '../../desired/ids.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { isAlive, processes, sessionOf } from '../process/proc.ts'
import { readRecords } from './worker-record.ts'

/** Bytes that one ready worker of each app has now, the mean of its workers; with the processes it has started. */
export function memoryOfWorkers(paths: Paths): ReadonlyMap<AppId, number> {
  const bySession = Map.groupBy(processes(), (pid) => sessionOf(pid) ?? 0)
  const measured = readRecords(paths.workers).records.flatMap(({ app, state }) => {
    if (state.is !== 'ready' || !isAlive(state.process)) return []
    const bytes = (bySession.get(state.process.pid) ?? []).map(pssOf)
    return bytes.includes(undefined) ? [] : [{ app, bytes: bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0) }]
  })
  return new Map(
    [...Map.groupBy(measured, ({ app }) => app)].map(([app, all]) => [
      app,
      Math.round(all.reduce((sum, { bytes }) => sum + bytes, 0) / all.length),
    ]),
  )
}

/** Bytes that can be had without swapping: of the machine, or of the control group if that has less. */
export function freeMemory(): number | undefined {
  const available = kilobytes(procText('/proc/meminfo'), 'MemAvailable')
  const group = /^0::(.*)$/m.exec(procText('/proc/self/cgroup'))?.[1]
  const place = `/sys/fs/cgroup${group === undefined || group === '/' ? '' : group}`
  const [limit, used] = ['memory.max', 'memory.current'].map((name) => Number(procText(`${place}/${name}`).trim() || Number.NaN))
  const left = limit === undefined || used === undefined || Number.isNaN(limit - used) ? undefined : Math.max(0, limit - used)
  return available === undefined || left === undefined ? (available ?? left) : Math.min(available, left)
}

/** Undefined when the process is gone, or belongs to somebody else. */
function pssOf(pid: number): number | undefined {
  return kilobytes(procText(`/proc/${pid}/smaps_rollup`), 'Pss')
}

function kilobytes(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  return found === undefined ? undefined : Number(found) * 1024
}

/** Empty where the system has no such file, or does not let us read it. */
function procText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH'].some((code) => isErrno(error, code))) return ''
    throw error
  }
}
