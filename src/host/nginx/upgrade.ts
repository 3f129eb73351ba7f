import { existsSync } from 'node:fs'
import type { Routes } from '../../desired/desired.ts'
import { Problem } from '../../problem.ts'
import type { ProcessId } from '../../worker/state.ts'
import type { Paths } from '../home/paths.ts'
import { effortOfChildren, isAlive, programOf, signal } from '../process/proc.ts'
import { effortOfNginx, emergencies, sizeOf, untilStill } from './control.ts'
import { activeWorkers, asMaster, hasLeft, masterOf, pidInFile } from './processes.ts'

/*
 * nginx replaces its own program (SIGUSR2): the master starts the new one with the sockets that are open, so at each moment
 * somebody takes connections. Its pid file is nginx.pid.oldbin from then on, until it ends.
 */

const DELETED = ' (deleted)'

/** Whether the program that a master runs is another one on the disk now, as after an upgrade of nginx. */
export function wasReplaced(master: ProcessId): boolean {
  const program = programOf(master.pid)
  return program?.endsWith(DELETED) === true && existsSync(program.slice(0, -DELETED.length))
}

/**
 * Has the new program serve, with the configuration that is on the disk, and the old one finish what it is at. Throws
 * NGINX_REFUSED when the new one does not come up: the old one goes on.
 */
export async function upgrade(paths: Paths, old: ProcessId, routes: Routes): Promise<void> {
  const log = routes.paths.errorLog
  const logged = sizeOf(log)
  const ended = effortOfChildren(old.pid)
  signal(old, 'SIGUSR2')
  const outcome = await untilStill(
    () => {
      const next = masterOf(paths)
      if (next !== undefined && next.pid !== old.pid && activeWorkers(next).length > 0) return 'taken'
      if (!isAlive(old)) return 'ended'
      // The old one takes its pid file back when the new one has ended.
      if (next?.pid === old.pid && effortOfChildren(old.pid) !== ended) return 'refused'
      return emergencies(log, logged) === '' ? undefined : 'refused'
    },
    () => `${effortOfNginx(old)}\n${effortOfNginx(masterOf(paths))}`,
  )
  if (outcome === 'taken') {
    const workers = activeWorkers(old)
    signal(old, 'SIGQUIT')
    await untilStill(
      () => (workers.every(hasLeft) ? true : undefined),
      () => effortOfNginx(old),
    )
    return
  }
  const reason = emergencies(log, logged) || 'it has not come up'
  throw new Problem('NGINX_REFUSED', `the new program of nginx did not take over: ${reason}`, `See ${log}.`, { file: log })
}

/** A daemon that ended in between has left the old one serving beside the new one. */
export function endOlder(paths: Paths, master: ProcessId | undefined): void {
  const pid = pidInFile(paths, `${paths.nginxPid}.oldbin`)
  const older = pid === undefined || master === undefined || pid === master.pid ? undefined : asMaster(pid, paths)
  if (older !== undefined) signal(older, 'SIGQUIT')
}
