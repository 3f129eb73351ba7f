import { dirname } from 'node:path'
import { writeAtomically } from '../host/disk/atomic.ts'
import { directoryIdentity } from '../host/disk/directory-identity.ts'
import { readJson } from '../host/disk/read-json.ts'
import type { Paths } from '../host/home/paths.ts'
import { isAlive, processId } from '../host/process/proc.ts'
import type { ProcessId } from '../worker/state.ts'

/** A daemon as it wrote itself down. */
export interface DaemonRecord {
  readonly process: ProcessId
  /** What it runs, by `runningCode`; unknown of an mfserv before this key. */
  readonly code: string | undefined
  /** `supervising`: it has done its work once, so a daemon before it is needed no more. */
  readonly phase: 'adopting' | 'supervising'
}

interface Written extends ProcessId {
  readonly writtenIn?: string
  readonly code?: string
  readonly phase?: DaemonRecord['phase']
}

/** The daemon of this runtime home as it wrote itself down at its start, while it lives; never that of a home it was copied from. */
export function runningDaemon(paths: Pick<Paths, 'daemon'>): ProcessId | undefined {
  return daemonRecord(paths)?.process
}

/** The same, with what it says of itself. */
export function daemonRecord({ daemon }: Pick<Paths, 'daemon'>): DaemonRecord | undefined {
  const written = readJson(daemon)
  if (!isWritten(written)) return undefined
  const { pid, startTime, writtenIn, code, phase = 'supervising' } = written
  const isOwn = writtenIn === undefined || writtenIn === directoryIdentity(dirname(daemon))
  return isOwn && isAlive({ pid, startTime }) ? { process: { pid, startTime }, code, phase } : undefined
}

/** Writes down that this process is the daemon. */
export function recordDaemon({ daemon }: Pick<Paths, 'daemon'>, code: string, phase: DaemonRecord['phase']): void {
  const written = { ...processId(process.pid), writtenIn: directoryIdentity(dirname(daemon)), code, phase }
  writeAtomically(daemon, JSON.stringify(written), 'volatile')
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value
}
