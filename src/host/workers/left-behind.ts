import { inodesOf } from '../process/connections.ts'
import { endGroup, environmentOf, groupOf, processes, processId, sessionOf, signalGroup, socketsOf } from '../process/proc.ts'
import { WORKER_VARIABLE } from './spawn.ts'

/** By what the processes of a worker can be told from all others, whatever their pids are. */
export interface Traces {
  readonly id: string
  /** The path of the socket of its generation. */
  readonly socket: string
}

/**
 * Ends what an adopted worker left in the group it led. Nobody knows when it ended, so its pid may belong to a stranger by
 * now: one process of the group must be of this worker. The system gives the number of a group to nobody while it has a member.
 */
export function endLeftBehind(leader: number, worker: Traces, runtimeHome: string): void {
  if (isLeftBehind(leader, worker, runtimeHome)) endGroup(leader)
}

/** Whether an adopted worker left anything in the group it led. */
export function isLeftBehind(leader: number, worker: Traces, runtimeHome: string): boolean {
  const left = groupOf(leader)
  return left.length > 0 && left.some(isOf([worker], runtimeHome))
}

/** Ends the workers that nobody wrote down. */
export function endUnrecorded(lost: readonly Traces[], runtimeHome: string): void {
  if (lost.length === 0) return
  const leaders = processes().filter((pid) => sessionOf(pid) === pid)
  for (const pid of leaders.filter(isOf(lost, runtimeHome))) {
    const process = processId(pid)
    if (process !== undefined) signalGroup(process, 'SIGKILL')
  }
}

/** Tells by the mark in its environment, or by the socket: a program that shows a title, as php-fpm does, writes over its environment. */
function isOf(workers: readonly Traces[], runtimeHome: string): (pid: number) => boolean {
  const ids = new Set(workers.map(({ id }) => id))
  const inodes = inodesOf(new Set(workers.map(({ socket }) => socket)))
  return (pid) => {
    const environment = environmentOf(pid)
    const id = environment[WORKER_VARIABLE]
    const isMarked = id !== undefined && ids.has(id) && environment['MFMODULE_RUNTIME_HOME'] === runtimeHome
    return isMarked || socketsOf(pid).some((inode) => inodes.has(inode))
  }
}
