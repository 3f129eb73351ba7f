import { readFileSync } from 'node:fs'
import { pathsOf } from '../../src/host/home/paths.ts'
import type { World } from '../../test/system/world.ts'
import { timeOfSessions } from '../process-time.ts'
import { decimals, spread } from '../statistics.ts'
import { type Bench, type Findings, ordered, type Theme } from '../theme.ts'
import { burst, CONNECTIONS, ensureWrk, type Wrk } from '../wrk.ts'
import { APPS, type AppType, bodyOf, type Contender, PATHS, type Processes } from './contender.ts'
import { handWritten } from './hand-written.ts'
import { helloWorlds, OURS, PLUGINS } from './throughput.ts'

/** What one request of each burst cost, in microseconds of processor time. */
interface Costs {
  readonly front: number[]
  readonly application: number[]
}

/**
 * What throughput is made of. On a machine that does other things besides, requests per second say little, and the processor time
 * for a request nearly as much as ever.
 */
export const costs: Theme = {
  name: 'costs',
  summary: 'processor time of nginx and of the workers for one request, by mfserv and by nginx by hand before the same workers',
  run: async (bench) => {
    const wrk = await ensureWrk(bench.say)
    const world = await helloWorlds(bench, 'costs')
    const contenders = [...(await ours(world)), ...(await handWritten(bench.scratch, world))]
    for (const { url } of contenders) await bodyOf(url)
    return findings(await measure(contenders, bench, wrk), bench, wrk)
  },
}

async function ours(world: World): Promise<readonly Contender[]> {
  const front = [Number(readFileSync(pathsOf(world.home).nginxPid, 'utf8'))]
  const { plugins } = await world.status()
  const slotsOf = (app: AppType): readonly number[] => {
    const found = plugins.filter(({ name }) => name === PLUGINS[app]).flatMap(({ apps }) => apps.flatMap(({ slots }) => slots))
    return found.flatMap(({ pid }) => (pid === null ? [] : [pid]))
  }
  return APPS.map((app) => {
    return { app, servedBy: OURS, url: world.url + PATHS[app], processes: { front, application: slotsOf(app) } }
  })
}

async function measure(contenders: readonly Contender[], bench: Bench, wrk: Wrk): Promise<ReadonlyMap<Contender, Costs>> {
  const measured = new Map(contenders.map((one): [Contender, Costs] => [one, { front: [], application: [] }]))
  for (const one of contenders) await burst(wrk, bench, one.url, 1)
  for (let round = 0; round < bench.extent.rounds; round += 1) {
    bench.say(`costs: round ${round + 1} of ${bench.extent.rounds}, ${contenders.length} times 1 s`)
    for (const app of APPS) {
      const ofApp = [...measured].filter(([one]) => one.app === app)
      for (const [{ url, processes }, { front, application }] of ordered(ofApp, round)) {
        const before = timesOf(processes)
        const { requests } = await burst(wrk, bench, url, 1)
        const after = timesOf(processes)
        front.push((after.front - before.front) / 1000 / requests)
        application.push((after.application - before.application) / 1000 / requests)
      }
    }
  }
  return measured
}

function timesOf(processes: Processes | undefined): { readonly front: number; readonly application: number } {
  return { front: timeOfSessions(processes?.front ?? []), application: timeOfSessions(processes?.application ?? []) }
}

function findings(measured: ReadonlyMap<Contender, Costs>, { extent }: Bench, wrk: Wrk): Findings {
  const rows = [...measured].map(([{ app, servedBy }, { front, application }]) => {
    const most = decimals(1)
    return [
      app,
      servedBy,
      spread(front, most),
      most(Math.min(...front)),
      spread(application, most),
      most(Math.min(...application)),
    ]
  })
  return {
    table: {
      title: 'Processor time for one request, in microseconds',
      head: ['app', 'served by', 'nginx', 'workers'],
      rows: APPS.flatMap((app) => rows.filter(([of]) => of === app)),
    },
    notes: [
      `Median (min–max) of ${extent.rounds} rounds of 1 s for each, in turn, the order reversed each round; wrk ${wrk.version}, 1 thread, ${CONNECTIONS} kept connections.`,
      'Read from /proc/PID/task/TID/schedstat before and after. The workers of both have the same command line; those of mfserv are told more headers.',
    ],
  }
}
