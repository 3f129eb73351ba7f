import { readCronRecords } from '../../host/cron/record.ts'
import { textOf } from '../../host/disk/text-of.ts'
import type { Paths } from '../../host/home/paths.ts'
import { commandLineOf, isAlive } from '../../host/process/proc.ts'
import { readRecords } from '../../host/workers/worker-record.ts'
import { processOf } from '../../worker/transition.ts'

/** Whether workers, cron jobs or nginx of this runtime home run although no daemon does. */
export function hasLeftovers(paths: Paths): boolean {
  const living = readRecords(paths.workers).records.some(({ state }) => {
    const process = processOf(state)
    return process !== undefined && isAlive(process)
  })
  const running = readCronRecords(paths.cron).some(({ memory: { state } }) => 'process' in state && isAlive(state.process))
  return living || running || runsNginx(paths)
}

function runsNginx({ nginxPid, nginxConf }: Paths): boolean {
  const pid = Number(textOf(nginxPid) ?? Number.NaN)
  return Number.isInteger(pid) && commandLineOf(pid).join(' ').includes(nginxConf)
}
