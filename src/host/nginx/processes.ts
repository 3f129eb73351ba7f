import { existsSync, realpathSync } from 'node:fs'
import type { ProcessId } from '../../worker/state.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'
import { commandLineOf, isAlive, openFilesOf, parentOf, processes, processId, sessionOf } from '../process/proc.ts'

const WORKER_TITLE = 'nginx: worker process'
const LEAVING_TITLE = 'nginx: worker process is shutting down'

/**
 * The running master of this runtime home. The pid file alone would be a guess: the title of the process has to show our
 * configuration too.
 */
export function masterOf(paths: Paths): ProcessId | undefined {
  const pid = pidInFile(paths)
  return pid === undefined ? undefined : asMaster(pid, paths)
}

/** The same, looked for among all processes: for when the pid file was lost. */
export function findMaster(paths: Paths): ProcessId | undefined {
  for (const pid of processes()) {
    const master = asMaster(pid, paths)
    if (master !== undefined) return master
  }
  return undefined
}

/** The workers of a master that take connections, without those that finish their last requests. */
export function activeWorkers(master: ProcessId): readonly ProcessId[] {
  // Not /proc/PID/task/PID/children: it may leave out processes while others end.
  return processes()
    .filter((pid) => parentOf(pid) === master.pid && titleOf(pid) === WORKER_TITLE)
    .map(processId)
    .filter((worker) => worker !== undefined)
}

/**
 * Workers whose master was killed. They go on serving and keep the port. nginx detached itself into a session that has the
 * number of its master, and no new process gets that number while one of the session lives. In a copy of a runtime home that
 * number is of the original's nginx, whose workers have its log open, not ours.
 */
export function orphanWorkers(paths: Paths): readonly ProcessId[] {
  const session = pidInFile(paths)
  if (session === undefined || asMaster(session, paths) !== undefined || !existsSync(paths.log)) return []
  const ourLog = realpathSync(paths.log)
  return processes()
    .filter((pid) => titleOf(pid).startsWith(WORKER_TITLE) && sessionOf(pid) === session)
    .filter((pid) => openFilesOf(pid).some((file) => file.startsWith(`${ourLog}/`)))
    .map(processId)
    .filter((worker) => worker !== undefined)
}

/** It has ended, or it takes no connection any more. */
export function hasLeft(worker: ProcessId): boolean {
  return !isAlive(worker) || titleOf(worker.pid) === LEAVING_TITLE
}

/** The process if it is a master of this runtime home. */
export function asMaster(pid: number, paths: Paths): ProcessId | undefined {
  const title = titleOf(pid)
  return title.startsWith('nginx: master process') && title.includes(` -c ${paths.nginxConf} -e `) ? processId(pid) : undefined
}

/** A process title takes the place of the command line, with blanks between the words or behind them. */
function titleOf(pid: number): string {
  return commandLineOf(pid).join(' ').trimEnd()
}

/** `file`: where nginx has written it. */
export function pidInFile({ nginxPid }: Pick<Paths, 'nginxPid'>, file = nginxPid): number | undefined {
  const pid = Number(textOf(file) ?? 0)
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}
