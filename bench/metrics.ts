import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { sampleIn } from '../test/system/metrics/counted.ts'
import { freePort } from '../test/system/nginx/place.ts'
import { eventually, type World, writeFile } from '../test/system/world.ts'
import { addPlugin, allServe, openWorld, WORKERS } from './plugins.ts'
import { decimals, quotients, spread, whole } from './statistics.ts'
import { type Bench, type Findings, ordered, type Theme } from './theme.ts'
import { type Burst, burst, CONNECTIONS, ensureWrk, type Wrk } from './wrk.ts'

const KINDS = { static: '/pages/', python3_sync: '/wsgi/main/' } as const
type KindName = keyof typeof KINDS

/** More often than anybody scrapes. */
const SCRAPE_MS = 1000

interface Side {
  readonly world: World
  /** Where the numbers are; undefined without them. */
  readonly address: string | undefined
}

interface Counted extends Burst {
  /** Of the process that counts, until it had caught up; 0 without one. */
  readonly cpuSeconds: number
  readonly requests: number
}

/** The same mfserv twice, of which one serves /metrics, and is scraped each second. */
export const metrics: Theme = {
  name: 'metrics',
  summary: 'what it costs that /metrics counts the requests: throughput with and without, and processor time',
  run: async (bench) => {
    const wrk = await ensureWrk(bench.say)
    const [without, counted] = [await openSide(bench, undefined), await openSide(bench, await freePort())]
    const rows: (readonly string[])[] = []
    for (const name of Object.keys(KINDS) as readonly KindName[]) rows.push(await measured(name, [without, counted], bench, wrk))
    return findings(rows, bench, wrk)
  },
}

async function openSide({ scratch, say }: Bench, port: number | undefined): Promise<Side> {
  const world = await openWorld(scratch)
  say(`metrics: starting mfserv ${port === undefined ? 'without' : 'with'} /metrics`)
  const listen = port === undefined ? '' : `[metrics]\nlisten = ${port}\n`
  writeFile(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\nworkers = ${WORKERS}\n${listen}`)
  await world.must('mfserv.start')
  await addPlugin(world, 'pages', 'static')
  await addPlugin(world, 'wsgi', 'default')
  await world.until('the plugins serve', allServe)
  return { world, address: port === undefined ? undefined : `http://127.0.0.1:${port}/metrics` }
}

async function measured(name: KindName, sides: readonly [Side, Side], bench: Bench, wrk: Wrk): Promise<readonly string[]> {
  const { rounds, seconds } = bench.extent
  const found = new Map<Side, Counted[]>(sides.map((side) => [side, []]))
  for (const side of sides) await asked(side, name, bench, wrk, 1)
  for (let round = 0; round < rounds; round += 1) {
    bench.say(`metrics: ${name}, round ${round + 1} of ${rounds}`)
    for (const side of ordered(sides, round)) found.get(side)?.push(await asked(side, name, bench, wrk, seconds))
  }
  const [without = [], counted = []] = sides.map((side) => found.get(side))
  const speed = (all: readonly Counted[]): readonly number[] => all.map(({ perSecond }) => perSecond)
  const microseconds = counted.map(({ cpuSeconds, requests }) => (cpuSeconds / requests) * 1e6)
  const share = counted.map(({ cpuSeconds }) => (100 * cpuSeconds) / (seconds * WORKERS))
  return [
    name,
    spread(speed(without), whole),
    spread(speed(counted), whole),
    spread(quotients(speed(counted), speed(without)), decimals(3)),
    spread(microseconds, decimals(1)),
    spread(share, decimals(1)),
    whole([...without, ...counted].reduce((sum, { failed }) => sum + failed, 0)),
  ]
}

async function asked({ world, address }: Side, name: KindName, bench: Bench, wrk: Wrk, seconds: number): Promise<Counted> {
  const url = world.url + KINDS[name]
  if (address === undefined) {
    const one = await burst(wrk, bench, url, seconds)
    return { ...one, cpuSeconds: 0, requests: one.perSecond * seconds }
  }
  const before = await cpuOf(address)
  const scraping = setInterval(() => void fetch(address).then((answer) => answer.text()), SCRAPE_MS)
  const one = await burst(wrk, bench, url, seconds)
  clearInterval(scraping)
  // What it has put off counts too, and must not fall on the next contender.
  await later(1500)
  await eventually('it has caught up', async () =>
    sampleIn(await pageOf(address), 'mfserv_access_log_unread_bytes') === 0 ? true : undefined,
  )
  return { ...one, cpuSeconds: (await cpuOf(address)) - before, requests: one.perSecond * seconds }
}

async function cpuOf(address: string): Promise<number> {
  const sample = 'mfserv_process_cpu_seconds_total{plugin="#core#",app="metrics",slot="1"}'
  return sampleIn(await pageOf(address), sample) ?? Number.NaN
}

async function pageOf(address: string): Promise<string> {
  return await (await fetch(address)).text()
}

function findings(rows: readonly (readonly string[])[], { extent }: Bench, wrk: Wrk): Findings {
  return {
    table: {
      title: 'What the numbers at /metrics cost',
      head: ['app', 'requests/s without', 'with', 'times', 'µs of the counting for a request', '% of all processors', 'failed'],
      rows,
    },
    notes: [
      `Median (min–max) of ${extent.rounds} rounds of ${extent.seconds} s for each, the order reversed each round; "times" is the median of the quotients within a round. Aim: at least 0.97.`,
      `The page is read once a second meanwhile. The counting has a low priority; what it put off until after a round counts in its processor time.`,
      `wrk ${wrk.version}, 1 thread, ${CONNECTIONS} kept connections. ${WORKERS} nginx workers and ${WORKERS} app workers for each.`,
    ],
  }
}
