import { openWorld, WORKERS } from '../plugins.ts'
import { pssOfSessions } from '../process-memory.ts'
import { timeOfSessions } from '../process-time.ts'
import { decimals, median, quotients, spread, whole } from '../statistics.ts'
import { type Bench, type Findings, ordered, type Theme } from '../theme.ts'
import { bodyOf } from '../throughput/contender.ts'
import { type Burst, burst, CONNECTIONS, ensureWrk, type Wrk } from '../wrk.ts'
import { OURS, startOurs } from './ours.ts'
import { RIVALS, UVICORN, UWSGI } from './rivals.ts'
import { type Served, TYPE_NAMES } from './served.ts'

/** What was measured of one way to serve. */
interface Measured {
  readonly served: Served
  readonly bursts: Burst[]
  /** Microseconds of processor time for one request, of each burst: nginx, what runs the application, and mfserv's daemon. */
  readonly costs: number[]
  /** PSS in MB after all the load. */
  pss: number
}

export const types: Theme = {
  name: 'types',
  summary: 'requests per second, p99 and memory of each app type beside what you would run instead',
  run: async (bench) => {
    const wrk = await ensureWrk(bench.say)
    const { served, missing, daemon } = await startAll(bench)
    const measured = await measure(served, daemon, bench, wrk)
    return findings(measured, missing, bench, wrk)
  },
}

async function startAll({ scratch, say }: Bench) {
  const world = await openWorld(scratch)
  say('types: making a plugin of each type and starting mfserv')
  const { served, homes, missing } = await startOurs(world)
  const all: Served[] = [...served]
  const unmeasured: string[] = [...missing]
  for (const { name, needs, start } of RIVALS.filter(({ needs }) => homes.has(needs))) {
    say(`types: starting ${name}, beside ${needs}`)
    try {
      all.push(...(await start(scratch, homes)))
    } catch (error) {
      // Without a network the rest can still be measured.
      unmeasured.push(`Not measured: ${name}. ${error instanceof Error ? error.message.trim() : String(error)}`)
    }
  }
  await sameAnswers(all)
  return { served: all, missing: unmeasured, daemon: (await world.status()).daemon.pid ?? 0 }
}

/** Numbers are compared only if the work was the same. The default answer names the plugin where two types share one server. */
async function sameAnswers(all: readonly Served[]): Promise<void> {
  for (const type of TYPE_NAMES) {
    const bodies = new Map<string, string>()
    for (const one of all.filter((served) => served.type === type)) bodies.set(await bodyOf(one.url), one.by)
    if (bodies.size > 1) throw new Error(`${type}: different answers: ${JSON.stringify([...bodies])}`)
  }
}

async function measure(all: readonly Served[], daemon: number, bench: Bench, wrk: Wrk): Promise<readonly Measured[]> {
  const { typeRounds } = bench.extent
  const measured = all.map((served): Measured => ({ served, bursts: [], costs: [], pss: 0 }))
  // Who is not asked does next to nothing, so the time of all is the time of the one.
  const ofOurs = await Promise.all(all.map(({ leaders }) => leaders()))
  const leaders = [daemon, ...bench.scratch.leaders(), ...ofOurs.flat()]
  for (const { served } of measured) await burst(wrk, bench, served.url, 1)
  for (let round = 0; round < typeRounds; round += 1) {
    bench.say(`types: round ${round + 1} of ${typeRounds}, ${measured.length} times 1 s`)
    // One type after the other, so that what is compared is measured within seconds.
    for (const type of TYPE_NAMES) {
      const ofType = measured.filter(({ served }) => served.type === type)
      for (const { served, bursts, costs } of ordered(ofType, round)) {
        const before = timeOfSessions(leaders)
        const one = await burst(wrk, bench, served.url, 1)
        bursts.push(one)
        costs.push((timeOfSessions(leaders) - before) / 1000 / one.requests)
      }
    }
  }
  for (const one of measured) one.pss = pssOfSessions(await one.served.leaders())
  return measured
}

function findings(measured: readonly Measured[], missing: readonly string[], { extent }: Bench, wrk: Wrk): Findings {
  const rows = TYPE_NAMES.flatMap((type) => {
    const ofType = measured.filter(({ served }) => served.type === type)
    const ours = ofType.find(({ served }) => served.by === OURS)
    return ofType.map((one) => row(one, ours))
  })
  return {
    table: {
      title: 'App types',
      head: [
        'type',
        'served by',
        'requests/s',
        'p99 ms',
        'CPU us',
        'PSS MB',
        'failed',
        'mfserv is times as fast',
        'it takes times the CPU',
        'its p99 is times as long',
        'its PSS is times as much',
      ],
      rows,
    },
    notes: [
      `Median (min–max) of ${extent.typeRounds} rounds of 1 s for each, in turn, the order reversed each round; "times" are medians of the quotients within a round.`,
      `wrk ${wrk.version}, 1 thread, ${CONNECTIONS} kept connections. ${WORKERS} workers of the application and of nginx for each. The applications are those of the templates; of those on a port, the servers listen on one (bench/types/on-port.ts).`,
      'CPU is the processor time for one request of nginx, of what runs the application, and of the daemon of mfserv. It says more than requests per second where the machine does other things besides. Those of static and php are served by mfserv from installed releases, the others in development.',
      `PSS after the load: all processes that run the application, masters included; of static, nginx. The daemon of mfserv, one for all plugins, is not in it.`,
      `gunicorn, aiohttp and Tornado are those of the plugins. ${UWSGI} over the uwsgi protocol, ${UVICORN} with uvloop, which mfserv does not have.`,
      ...missing,
    ],
  }
}

function row(one: Measured, ours: Measured | undefined): readonly string[] {
  const speeds = (of: Measured): readonly number[] => of.bursts.map(({ perSecond }) => perSecond)
  const p99s = (of: Measured): readonly number[] => of.bursts.map(({ p99Ms }) => p99Ms)
  const compared = ours === undefined || ours === one ? undefined : ours
  const times = (values: (of: Measured) => readonly number[]): string =>
    compared === undefined ? '' : spread(quotients(values(compared), values(one)), decimals(2))
  return [
    one.served.type,
    one.served.by,
    spread(speeds(one), whole),
    decimals(1)(median(p99s(one))),
    decimals(1)(median(one.costs)),
    decimals(0)(one.pss),
    whole(one.bursts.reduce((sum, { failed }) => sum + failed, 0)),
    times(speeds),
    times(({ costs }) => costs),
    times(p99s),
    compared === undefined ? '' : decimals(2)(compared.pss / one.pss),
  ]
}
