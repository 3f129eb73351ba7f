import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import type { StatusReport } from '../src/control/protocol.ts'
import { setKey, type World, writeFile } from '../test/system/world.ts'
import { copyInstalled, installRelease, openWorld } from './plugins.ts'
import { memoryOf } from './process-memory.ts'
import { timeOfSessions } from './process-time.ts'
import { decimals, median } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

/** Of templates; Flask is what its name says, with its environment. */
const KINDS = ['node', 'default', 'flask'] as const
type Kind = (typeof KINDS)[number]

/** Nobody is to fall asleep again while it is measured. */
const SLEEP_AFTER = 3600
/** The daemon gives memory back within it. */
const REST_MS = 30_000
const AT_ONCE = 100

/** Many plugins that sleep: what they cost, and how long the first request to one of them takes. */
export const sleep: Theme = {
  name: 'sleep',
  summary: 'many plugins asleep: memory and work of the daemon, start, wake times, and many awake at once',
  run: async (bench) => {
    const rows: (readonly string[])[] = []
    const world = await openWorld(bench.scratch)
    writeFile(
      join(world.home, 'config/config.ini'),
      `[nginx]\nport = ${world.port}\n[supervisor]\nsleep_after = ${SLEEP_AFTER}\n`,
    )
    const names = await haveSleepers(world, bench)
    const began = performance.now()
    await world.must('mfserv.start')
    rows.push(['mfserv.start, which returns when all are served', `${seconds(performance.now() - began)} s`, '20 s'])
    rows.push(...(await atRest(world)))
    for (const kind of KINDS) rows.push(await wakes(world, names[kind].slice(0, bench.extent.wakes), kind))
    rows.push(await atOnce(world, names.default.slice(bench.extent.wakes, bench.extent.wakes + AT_ONCE)))
    rows.push(...(await latencies(world, names.default, bench.extent.latencies)))
    await world.must('mfserv.stop')
    return findings(rows, names)
  },
}

type Names = Readonly<Record<Kind, readonly string[]>>

/** As many of Node and Flask as are woken; the rest of the default template, which is Python. */
async function haveSleepers(world: World, { extent, say }: Bench): Promise<Names> {
  const counts = { node: extent.wakes, flask: extent.wakes, default: extent.sleepers - 2 * extent.wakes }
  const all = { node: [] as string[], flask: [] as string[], default: [] as string[] }
  for (const kind of KINDS) {
    say(`sleep: ${counts[kind]} plugins of the template ${kind}`)
    const first = `${kind}0001`
    await addSleeper(world, first, kind)
    all[kind].push(first)
    for (let number = 2; number <= counts[kind]; number += 1) {
      const name = `${kind}${String(number).padStart(4, '0')}`
      copyInstalled(world, first, name)
      all[kind].push(name)
    }
  }
  return all
}

async function addSleeper(world: World, name: string, kind: Kind): Promise<void> {
  await world.must('bootstrap_plugin.py', ['create', '--no-input', `--template=${kind}`, name], { in: world.home })
  setKey(join(world.home, name), 'workers', '0..2')
  await world.must('_plugins.make', [], { in: join(world.home, name) })
  await installRelease(world, join(world.home, name))
}

async function atRest(world: World): Promise<readonly (readonly string[])[]> {
  await world.until('all sleep', ({ plugins }) => plugins.every(isAsleep))
  await later(REST_MS)
  const { daemon } = await world.status()
  const pid = daemon.pid ?? 0
  const before = timeOfSessions([pid])
  await later(REST_MS)
  const share = ((timeOfSessions([pid]) - before) / 1e6 / REST_MS) * 100
  return [
    ['memory of the daemon (RSS)', `${decimals(0)(memoryOf(pid).rss)} MB`, '150 MB'],
    ['the daemon at rest', `${decimals(1)(share)} % of a core`, '2 %'],
  ]
}

/** One after the other, so that each is woken on a machine that is as busy as it was. */
async function wakes(world: World, names: readonly string[], kind: Kind): Promise<readonly string[]> {
  const took: number[] = []
  for (const name of names) took.push(await timed(`${world.url}/${name}/`))
  return [`first request to a sleeping ${kind}`, quantiles(took), 'p95 300 ms']
}

async function atOnce(world: World, names: readonly string[]): Promise<readonly string[]> {
  const took = await Promise.all(names.map((name) => timed(`${world.url}/${name}/`)))
  return [`first requests to ${names.length} of them at once`, quantiles(took), 'all answered']
}

/** The first and the last of the names, both awake, in turn on one connection. */
async function latencies(world: World, names: readonly string[], requests: number): Promise<readonly (readonly string[])[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ends = [names[0] ?? '', names.at(-1) ?? '']
  for (const name of ends) await timed(`${world.url}/${name}/`, agent)
  const took = ends.map(() => [] as number[])
  for (let number = 0; number < requests; number += 1) {
    for (const [index, name] of ends.entries()) took[index]?.push(await timed(`${world.url}/${name}/`, agent))
  }
  agent.destroy()
  return ['first', 'last'].map((which, index) => [
    `a request to the ${which} plugin, awake`,
    quantiles(took[index] ?? []),
    'the same',
  ])
}

async function timed(url: string, agent: Agent | false = false): Promise<number> {
  const began = performance.now()
  const status = await answered(url, agent)
  // A copy of a template may know itself by the name of the first one.
  if (status === 0 || status >= 500) throw new Error(`${url} was answered with ${status}`)
  return performance.now() - began
}

/** The status; 0 when the connection broke. */
function answered(url: string, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve) => {
    const asked = get(url, { agent }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', () => resolve(0))
  })
}

function isAsleep({ apps }: StatusReport['plugins'][number]): boolean {
  return apps.every(({ slots }) => slots.every(({ actual }) => actual === 'asleep'))
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number): string =>
    decimals(1)(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  return `${decimals(1)(median(times))} ms, p95 ${at(0.95)}, max ${at(1)}`
}

function seconds(ms: number): string {
  return decimals(1)(ms / 1000)
}

function findings(rows: readonly (readonly string[])[], names: Names): Findings {
  const count = KINDS.reduce((sum, kind) => sum + names[kind].length, 0)
  return {
    table: { title: `${count} plugins asleep`, head: ['what', 'measured', 'aim'], rows },
    notes: [
      `Installed releases: ${KINDS.map((kind) => `${names[kind].length} of the template ${kind}`).join(', ')}; workers = 0..2.`,
      'First requests one after the other; median, p95 and longest. The start is that of a daemon that finds nobody awake.',
    ],
  }
}
