import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import { textOf } from '../../src/host/disk/text-of.ts'
import { pathsOf } from '../../src/host/home/paths.ts'
import { ask, newWorld, type World } from '../system/world.ts'
import { randomFrom } from './random.ts'
import { haveSleepers, KINDS, kindOf } from './sleepers.ts'

const USAGE = `Usage: node test/soak/sleep.ts [--wakes N] [--seed N]
Plugins of several types fall asleep and are woken N times (1000), by requests that come at any moment, while daemons hand over to
each other. Exit code 1 when a request was lost, or was given to an app twice.`

const EACH = 6
const HAND_OVERS = 3
/** A worker falls asleep between one and three seconds after the last request, so that many requests meet it while it does. */
const REST_MS = [200, 3600] as const
const LONGEST_BODY = 300_000

/** When something began, and how long it took. */
interface Span {
  readonly at: number
  readonly ms: number
}

interface Asked extends Span {
  readonly plugin: string
  readonly number: number
  /** Undefined: as it should be. */
  readonly wrong: string | undefined
}

const { values } = parseArgs({ options: { wakes: { type: 'string' }, seed: { type: 'string' } } })
const wakes = Number(values.wakes ?? 1000)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
if (wakes > 0 && Number.isInteger(seed)) process.exitCode = await soak()
else {
  console.error(USAGE)
  process.exitCode = 1
}

async function soak(): Promise<0 | 1> {
  const world = await newWorld()
  try {
    await world.start()
    const names = await haveSleepers(world, EACH)
    console.error(`seed ${seed}, ${wakes} wakes, runtime home ${world.home}`)
    const asked: Asked[] = []
    const handOvers: Span[] = []
    let isEnough = false
    const clients = names.map((name, index) => client(world, name, randomFrom(seed + index), asked, () => isEnough))
    for (let part = 1; part <= HAND_OVERS + 1; part += 1) {
      while (wakesIn(world).length < (wakes * part) / (HAND_OVERS + 1)) await later(1000)
      if (part > HAND_OVERS) continue
      const at = Date.now()
      await world.must('mfserv.restart')
      handOvers.push({ at, ms: Date.now() - at })
    }
    isEnough = true
    await Promise.all(clients)
    return told(world, asked, handOvers)
  } finally {
    await world.end()
  }
}

/** One request after the other, with a rest between them in which the app may fall asleep. */
async function client(
  world: World,
  plugin: string,
  random: () => number,
  asked: Asked[],
  isEnough: () => boolean,
): Promise<void> {
  for (let number = 1; !isEnough(); number += 1) {
    await later(REST_MS[0] + random() * (REST_MS[1] - REST_MS[0]))
    const bytes = random() < 0.5 ? undefined : Math.floor(random() * LONGEST_BODY)
    const at = Date.now()
    const began = performance.now()
    const wrong = await answered(`${world.url}/${plugin}?n=${number}`, bytes).catch(String)
    asked.push({ plugin, number, at, ms: performance.now() - began, wrong })
  }
}

async function answered(url: string, bytes: number | undefined): Promise<string | undefined> {
  const answer = await ask(url, bytes === undefined ? {} : { method: 'POST', body: 'x'.repeat(bytes) })
  const body = await answer.text()
  const expected = bytes === undefined ? 'GET 0' : `POST ${bytes}`
  return answer.status === 200 && body === expected ? undefined : `${answer.status} ${body.slice(0, 80)}`
}

interface Wake {
  readonly plugin: string
  readonly at: number
}

function wakesIn(world: World): readonly Wake[] {
  const lines = (textOf(join(world.home, 'log/mfserv.log')) ?? '').matchAll(/^(\S+)Z?\s.*plugin (\w+): app main wakes up$/gm)
  return [...lines].map(([, moment = '', plugin = '']) => ({ plugin, at: Date.parse(moment) }))
}

function told(world: World, asked: readonly Asked[], handOvers: readonly Span[]): 0 | 1 {
  const lost = asked.filter(({ wrong }) => wrong !== undefined)
  for (const { plugin, number, wrong } of lost.slice(0, 10)) console.error(`${plugin} ${number}: ${wrong}`)
  const twice = [...new Set(asked.map(({ plugin }) => plugin))].flatMap((plugin) => {
    const seen = (textOf(join(pathsOf(world.home).data, plugin, 'seen')) ?? '').split('\n').slice(0, -1)
    return seen.filter((number, index) => seen.indexOf(number) !== index)
  })
  const woken = wakesIn(world)
  const waited = woken.flatMap(({ plugin, at }) => asked.find((one) => one.plugin === plugin && isDuring(one, at)) ?? [])
  const meanwhile = waited.filter((one) => handOvers.some((span) => one.at < span.at + span.ms && span.at < one.at + one.ms))
  const calm = waited.filter((one) => !meanwhile.includes(one))
  const rows = [
    ['requests', String(asked.length)],
    ['of them lost', `${lost.length} (must be 0)`],
    ['given to an app twice', `${twice.length} (must be 0)`],
    ['wakes', String(woken.length)],
    ...Object.keys(KINDS).map((kind) => [
      `a request that wakes: ${kind}`,
      quantiles(calm.filter((one) => kindOf(one.plugin) === kind)),
    ]),
    ['one that wakes while daemons hand over', quantiles(meanwhile)],
    ['any other request', quantiles(asked.filter((one) => !waited.includes(one)))],
  ]
  rows.push(['load average at the end', (loadavg()[0] ?? 0).toFixed(1)])
  console.log(box({ title: `Sleep and wake, seed ${seed}`, rows }))
  return lost.length === 0 && twice.length === 0 ? 0 : 1
}

function isDuring({ at, ms }: Span, moment: number): boolean {
  return moment >= at - 1 && moment <= at + ms + 1
}

function quantiles(asked: readonly Asked[]): string {
  const sorted = asked.map(({ ms }) => ms).sort((one, other) => one - other)
  const at = (share: number): string =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)} ms`
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} (${sorted.length})`
}
