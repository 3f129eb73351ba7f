import type { Server } from 'node:http'
import type { HandOverAnswer, StatusReport } from '../../control/protocol.ts'
import { type Handlers, serveControl } from '../../control/server.ts'
import type { AppId } from '../../desired/ids.ts'
import type { CronRunner } from '../../host/cron/cron-runner.ts'
import type { Paths } from '../../host/home/paths.ts'
import { processId } from '../../host/process/proc.ts'
import type { ServiceManager } from '../../host/service/service-manager.ts'
import type { Alarm } from '../alarm.ts'
import type { DemandWatch } from '../demand/demand-watch.ts'
import type { Publisher } from '../publisher.ts'
import { reportEntry } from '../report/report-cron.ts'
import type { Standing } from '../report/standing.ts'
import type { WantedState } from '../wanted/wanted.ts'
import { forwarding } from './forward.ts'
import type { Rounds } from './rounds.ts'
import type { Succession } from './succession.ts'
import { startSuccessor } from './successor.ts'

/** What the control socket answers from, and acts on. */
export interface Controlled {
  readonly paths: Paths
  readonly manager: ServiceManager
  /** What this process runs, by `runningCode`. */
  readonly code: string
  readonly status: () => StatusReport
  readonly alarm: Alarm
  readonly rounds: Rounds
  readonly wanted: WantedState
  readonly publisher: Publisher
  readonly demand: DemandWatch
  readonly cron: CronRunner
  readonly standing: Standing
  readonly succession: Succession
}

/** Serves the control socket; once another daemon has been asked for, it answers in the place of this one. */
export function serveDaemon(daemon: Controlled): Promise<Server> {
  const { paths, manager, status, cron, standing, succession } = daemon
  const whoNext = () => (succession.successor === undefined || standing.isStopping() ? undefined : succession.decided())
  const handlers = {
    'GET /status': () => status(),
    'POST /look': async (query) => {
      const plugin = query.get('plugin')
      if (plugin === null) lookAtAll(daemon)
      else daemon.wanted.askFor(plugin)
      await nextRound(daemon)
      return status()
    },
    'POST /wake': (query) => {
      daemon.demand.askFor(query.get('app') as AppId)
      daemon.alarm.ring()
      return { is: 'asked' }
    },
    'GET /cron/history': (query) => cron.history(...jobIn(query)).map(reportEntry),
    'POST /cron/run': (query) => cron.runNow(...jobIn(query)),
    'POST /hand-over': (query) => handOver(query, daemon),
    'POST /successor': (query) => startSuccessor(JSON.parse(query.get('command') ?? 'null'), paths, manager),
    'POST /stop': () => {
      standing.stop()
      return status()
    },
  } satisfies Handlers
  return serveControl(paths.control, forwarding(handlers, paths.control, whoNext))
}

/** Reads everything in the next round, which begins at once. */
export function lookAtAll({ wanted, alarm }: Pick<Controlled, 'wanted' | 'alarm'>): void {
  wanted.askForAll()
  alarm.ring()
}

/** Whether the round that is under way is the last. */
export function isLeaving({ standing, succession }: Pick<Controlled, 'standing' | 'succession'>): boolean {
  return standing.isStopping() || succession.successor !== undefined
}

export function closeAtOnce(control: Server): void {
  control.close()
  control.closeAllConnections()
}

/** Answers when the round that is under way has ended and nothing is done here any more. */
async function handOver(query: URLSearchParams, daemon: Controlled): Promise<HandOverAnswer> {
  const pid = Number(query.get('pid'))
  if (query.get('code') === daemon.code && !query.has('even-same')) return { is: 'not-needed' }
  if (daemon.standing.isStopping()) return { is: 'stopping' }
  const successor = processId(pid)
  if (successor === undefined) throw new Error(`there is no process ${pid} to hand over to`)
  const freed = daemon.succession.ask(successor)
  daemon.alarm.ring()
  return { is: await freed }
}

/** Answers after a round that began after this call, and after what it published is in service. */
async function nextRound(daemon: Controlled): Promise<void> {
  const { rounds, wanted, publisher, alarm } = daemon
  let least = rounds.ended + 2
  while (!isLeaving(daemon)) {
    if (rounds.ended >= least && !wanted.isBeingWritten()) {
      if (!publisher.isUnderWay()) return
      await publisher.settled()
      least = rounds.ended + 2
    }
    // What is being written is looked at again by itself, when it may be whole.
    if (rounds.ended < least) alarm.ring()
    await rounds.next()
  }
}

function jobIn(query: URLSearchParams): readonly [plugin: string, job: string] {
  return [query.get('plugin') ?? '', query.get('job') ?? '']
}
