import type { World } from '../../test/system/world.ts'
import { addPlugin, allServe, openWorld, WORKERS } from '../plugins.ts'
import { decimals, quotients, spread, whole } from '../statistics.ts'
import { type Bench, type Findings, ordered, type Theme } from '../theme.ts'
import { type Burst, burst, CONNECTIONS, ensureWrk, type Wrk } from '../wrk.ts'
import { APPS, type AppType, bodyOf, type Contender, PATHS } from './contender.ts'
import { GUNICORN, gunicorn } from './gunicorn.ts'
import { handWritten } from './hand-written.ts'
import { PM2, pm2 } from './pm2.ts'

export const OURS = 'mfserv'

/** The plugin of each. */
export const PLUGINS: Readonly<Record<AppType, string>> = { static: 'pages', python3_sync: 'wsgi', node: 'express' }

export const throughput: Theme = {
  name: 'throughput',
  summary: 'requests per second and p99 of three Hello Worlds, through mfserv and through what you would run instead',
  run: async (bench) => {
    const wrk = await ensureWrk(bench.say)
    const { contenders, missing } = await startAll(bench)
    await sameAnswers(contenders)
    const measured = await measure(contenders, bench, wrk)
    return findings(measured, missing, bench, wrk)
  },
}

/** mfserv with the three. */
export async function helloWorlds({ scratch, say }: Bench, theme: string): Promise<World> {
  const world = await openWorld(scratch)
  say(`${theme}: making three plugins and starting mfserv`)
  await world.must('mfserv.start')
  await addPlugin(world, PLUGINS.static, 'static', WORKERS, 'installed')
  await addPlugin(world, PLUGINS.python3_sync, 'default')
  await addPlugin(world, PLUGINS.node, 'node')
  await world.until('the plugins serve', allServe)
  return world
}

type Measured = ReadonlyMap<Contender, readonly Burst[]>

async function startAll(
  bench: Bench,
): Promise<{ readonly contenders: readonly Contender[]; readonly missing: readonly string[] }> {
  const { scratch, say } = bench
  const world = await helloWorlds(bench, 'throughput')
  const ours = APPS.map((app) => ({ app, servedBy: OURS, url: world.url + PATHS[app] }))
  say('throughput: starting the same workers by hand')
  const byHand = await handWritten(scratch, world)
  const [withGunicorn, withPm2] = [await attempt(GUNICORN, gunicorn, bench, world), await attempt(PM2, pm2, bench, world)]
  return {
    contenders: [...ours, ...byHand, ...withGunicorn.contenders, ...withPm2.contenders],
    missing: [...withGunicorn.missing, ...withPm2.missing],
  }
}

/** Without a network the rest can still be measured. */
async function attempt(name: string, start: typeof gunicorn, { scratch, say }: Bench, world: World) {
  say(`throughput: installing and starting ${name}`)
  try {
    return { contenders: await start(scratch, world), missing: [] }
  } catch (error) {
    return {
      contenders: [],
      missing: [`Not measured: ${name}. ${error instanceof Error ? error.message.trim() : String(error)}`],
    }
  }
}

/** Numbers are compared only if the work was the same. */
async function sameAnswers(contenders: readonly Contender[]): Promise<void> {
  for (const app of APPS) {
    const bodies = new Map<string, string>()
    for (const one of contenders.filter((contender) => contender.app === app)) bodies.set(await bodyOf(one.url), one.servedBy)
    if (bodies.size > 1) throw new Error(`${app}: different answers: ${JSON.stringify([...bodies])}`)
  }
}

async function measure(contenders: readonly Contender[], bench: Bench, wrk: Wrk): Promise<Measured> {
  const { rounds, seconds } = bench.extent
  const measured = new Map<Contender, Burst[]>(contenders.map((one) => [one, []]))
  for (const one of contenders) await burst(wrk, bench, one.url, 1)
  for (let round = 0; round < rounds; round += 1) {
    bench.say(`throughput: round ${round + 1} of ${rounds}, ${contenders.length} times ${seconds} s`)
    // One app type after the other, so that what is compared is measured within seconds.
    const inTurn = APPS.flatMap((app) =>
      ordered(
        contenders.filter((one) => one.app === app),
        round,
      ),
    )
    for (const one of inTurn) measured.get(one)?.push(await burst(wrk, bench, one.url, seconds))
  }
  return measured
}

function findings(measured: Measured, missing: readonly string[], { extent }: Bench, wrk: Wrk): Findings {
  const rows = APPS.flatMap((app) => {
    const all = [...measured].filter(([one]) => one.app === app)
    const ours = all.find(([one]) => one.servedBy === OURS)?.[1] ?? []
    return all.map(([one, bursts]) => row(one, bursts, ours))
  })
  return {
    table: {
      title: 'Throughput',
      head: ['app', 'served by', 'requests/s', 'p99 ms', 'failed', 'mfserv is times as fast', 'its p99 is times as long', 'aim'],
      rows,
    },
    notes: [
      `Median (min–max) of ${extent.rounds} rounds of ${extent.seconds} s for each, in turn, the order reversed each round; "times" are medians of the quotients within a round.`,
      `wrk ${wrk.version}, 1 thread, ${CONNECTIONS} kept connections. ${WORKERS} nginx workers and ${WORKERS} app workers for each. ${GUNICORN}, ${PM2}. Every nginx writes an access log.`,
      ...missing,
    ],
  }
}

function row({ app, servedBy }: Contender, bursts: readonly Burst[], ours: readonly Burst[]): readonly string[] {
  const [speeds, ourSpeeds] = [bursts, ours].map((all) => all.map(({ perSecond }) => perSecond))
  const [p99s, ourP99s] = [bursts, ours].map((all) => all.map(({ p99Ms }) => p99Ms))
  const isOurs = servedBy === OURS
  return [
    app,
    servedBy,
    spread(speeds ?? [], whole),
    spread(p99s ?? [], decimals(1)),
    whole(bursts.reduce((sum, { failed }) => sum + failed, 0)),
    isOurs ? '' : spread(quotients(ourSpeeds ?? [], speeds ?? []), decimals(2)),
    isOurs ? '' : spread(quotients(ourP99s ?? [], p99s ?? []), decimals(2)),
    servedBy.includes('by hand') ? 'at least 1' : '',
  ]
}
