import { setTimeout as delay } from 'node:timers/promises'
import { type Asked, askedAt } from '../../config/listen/listener.ts'
import { askControl } from '../../control/client.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { readCronRecords } from '../../host/cron/record.ts'
import { writeProblem } from '../../host/disk/disk-problem.ts'
import { closeHome } from '../../host/home/close-home.ts'
import { markDraining, unmarkDraining } from '../../host/home/draining.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readGoodConfig } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { openRequests } from '../../host/nginx/open-requests.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { isAlive } from '../../host/process/proc.ts'

/** What is still under way on a machine that takes no new work. */
export interface Left {
  /** Undefined: nginx does not tell. */
  readonly requests: number | undefined
  readonly cron: readonly { readonly plugin: string; readonly job: string }[]
}

export interface Drained {
  readonly left: Left
  readonly waitedMs: number
  /** Undefined when no daemon runs: it drains from its start on. */
  readonly report: StatusReport | undefined
}

const LOOK_MS = 500
/** A request that comes in between two looks is not missed by all of them. */
const CALM_LOOKS = 3

/**
 * From now on, over every restart: the health location says 503, and no cron job is begun. Waits until nothing is under way any
 * more, at least as long as a load balancer may take to notice, and at most `waitMs`.
 */
export async function drain(paths: Paths, env: NodeJS.ProcessEnv, waitMs: number | undefined): Promise<Drained> {
  closeHome(paths)
  change(paths, () => markDraining(paths))
  const report = await askControl(paths.control, 'POST /look')
  const { nginx } = readGoodConfig(paths, readHardware(), env).config.settings
  const leastMs = nginx.smart_stop_delay * 1000
  const mostMs = waitMs ?? leastMs + 30_000
  const began = steadyNow()
  let calm = 0
  for (;;) {
    const left = await whatIsLeft(paths, askedAt({ ...nginx, httpsPort: nginx.https_port }))
    calm = isNothing(left) ? calm + 1 : 0
    const waitedMs = steadyNow() - began
    const isCalm = calm >= CALM_LOOKS && waitedMs >= leastMs
    if (report === undefined || isCalm || waitedMs >= mostMs) return { left, waitedMs, report }
    await delay(Math.min(LOOK_MS, Math.max(1, mostMs - waitedMs)))
  }
}

/** Takes it back. */
export async function endDrain(paths: Paths): Promise<StatusReport | undefined> {
  change(paths, () => unmarkDraining(paths))
  return await askControl(paths.control, 'POST /look')
}

export function isNothing({ requests, cron }: Left): boolean {
  return (requests ?? 0) === 0 && cron.length === 0
}

async function whatIsLeft(paths: Paths, nginx: Asked | undefined): Promise<Left> {
  const running = readCronRecords(paths.cron).filter(({ memory: { state } }) => 'process' in state && isAlive(state.process))
  return {
    requests: await openRequests(nginx),
    cron: running.map(({ plugin, id }) => ({ plugin, job: id })),
  }
}

function change(paths: Paths, work: () => void): void {
  try {
    work()
  } catch (error) {
    const fix = 'Give the user of mfserv the right to write there, and make room on its disk.'
    throw writeProblem(error, { what: `${paths.draining} could not be written`, fix, file: paths.draining })
  }
}
