import { dirname } from 'node:path'
import { writeAtomically } from '../host/disk/atomic.ts'
import { directoryIdentity } from '../host/disk/directory-identity.ts'
import { readJson } from '../host/disk/read-json.ts'
import type { Paths } from '../host/home/paths.ts'
import { isAlive, processId } from '../host/process/proc.ts'
import type { ProcessId } from '../worker/state.ts'

/** The daemon of this runtime home as it wrote itself down at its start, while it lives; never that of a home it was copied from. */
export function runningDaemon({ daemon }: Pick<Paths, 'daemon'>): ProcessId | undefined {
  const written = readJson(daemon)
  if (!isProcess(written)) return undefined
  const { pid, startTime, writtenIn } = written
  const isOwn = writtenIn === undefined || writtenIn === directoryIdentity(dirname(daemon))
  return isOwn && isAlive({ pid, startTime }) ? { pid, startTime } : undefined
}

/** Writes down that this process is the daemon. */
export function recordDaemon({ daemon }: Pick<Paths, 'daemon'>): void {
  const written = { ...processId(process.pid), writtenIn: directoryIdentity(dirname(daemon)) }
  writeAtomically(daemon, JSON.stringify(written), 'volatile')
}

function isProcess(value: unknown): value is ProcessId & { readonly writtenIn?: string } {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value
}
