import { setTimeout as delay } from 'node:timers/promises'
import type { CronRunner } from '../host/cron/cron-runner.ts'
import type { Front } from '../host/nginx/front.ts'
import { cutOffHolds } from '../host/workers/hold.ts'
import type { Alarm } from './alarm.ts'
import type { Machinery } from './loop.ts'

const LOOK_MS = 100
/** How long nginx may take to finish what is under way. */
export const STOP_WITHIN_MS = 30_000

interface Running {
  /** A load balancer reads STOPPING at the health location meanwhile, and sends its clients elsewhere. */
  readonly delayMs: number
  readonly front: Front
  readonly machinery: Pick<Machinery, 'holds' | 'room' | 'developers' | 'workers'>
  readonly cron: CronRunner
  readonly alarm: Alarm
}

/** nginx first, so that what is under way is answered by workers that still run; then the workers. */
export async function stopAll({ delayMs, front, machinery, cron, alarm }: Running): Promise<void> {
  const { holds, room, developers, workers } = machinery
  await delay(delayMs)
  cron.stop()
  for (const hold of holds.values()) hold.stopWaiting()
  room?.close()
  developers?.close()
  await front.stop(STOP_WITHIN_MS)
  for (const hold of holds.values()) hold.close()
  for (const worker of workers.observed()) workers.stop(worker.id)
  while (workers.observed().length + cron.running() > 0) {
    workers.tick()
    cron.tick()
    await alarm.wait(LOOK_MS)
  }
  cutOffHolds()
}
