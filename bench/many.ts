import { statSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { askControl } from '../src/control/client.ts'
import { pathsOf } from '../src/host/home/paths.ts'
import { activeWorkers, hasLeft, masterOf } from '../src/host/nginx/processes.ts'
import { findNginx, proveConfiguration } from '../src/host/nginx/program.ts'
import { signal } from '../src/host/process/proc.ts'
import type { ProcessId } from '../src/worker/state.ts'
import type { World } from '../test/system/world.ts'
import { addPlugin, allServe, copyFiles, copyPlugin, linkPlugin, openWorld } from './plugins.ts'
import { memoryOf } from './process-memory.ts'
import { decimals, median, spread } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

const FIRST = 'pages0000'
/** After every other plugin in nginx.conf, which has them by name. */
const LAST = 'pages9999'
const LOOK_MS = 5

/** One world of nginx with that many plugins. Times in milliseconds unless said otherwise. */
interface Measured {
  readonly plugins: number
  readonly confBytes: number
  readonly proofs: readonly number[]
  readonly reloads: readonly number[]
  /** MB of 1,000,000 bytes. */
  readonly masterPss: number
  readonly workerPss: readonly number[]
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly links: readonly number[]
  readonly develops: readonly number[]
}

/** What nginx takes with many plugins, all static, and what one more costs then. */
export const many: Theme = {
  name: 'many',
  summary: 'nginx with many plugins: its file, proof, reload, memory and answers, and how long one more plugin takes',
  run: async (bench) => {
    const all: Measured[] = []
    for (const count of bench.extent.manyPlugins) all.push(await measured(bench, count))
    return findings(all, bench)
  },
}

async function measured(bench: Bench, count: number): Promise<Measured> {
  const { scratch, say, extent } = bench
  const world = await openWorld(scratch)
  say(`many: ${count} plugins`)
  await addPlugin(world, FIRST, 'static')
  for (let number = 1; number < count - 1; number += 1) copyPlugin(world, FIRST, `pages${String(number).padStart(4, '0')}`)
  copyPlugin(world, FIRST, LAST)
  await world.must('mfserv.start')
  await world.until('every plugin serves', allServe)
  const { first, last } = await latencies(world, extent.latencies)
  const measuredNow = { plugins: count, confBytes: statSync(pathsOf(world.home).nginxConf).size, first, last }
  const nginx = await nginxAlone(world, extent.proofs)
  say(`many: one more beside ${count}`)
  const links: number[] = []
  const develops: number[] = []
  for (let number = 0; number < extent.onesMore; number += 1) {
    links.push(await linked(world, `link${number}`))
    develops.push(await developed(world, `develop${number}`, bench))
  }
  await world.must('mfserv.stop')
  return { ...measuredNow, ...nginx, links, develops }
}

/** One client asks the two plugins in turn, on one connection that is kept. */
async function latencies(world: World, requests: number): Promise<Pick<Measured, 'first' | 'last'>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const found = { first: [] as number[], last: [] as number[] }
  for (const name of [FIRST, LAST]) await answered(`${world.url}/${name}/`, agent)
  for (let number = 0; number < requests; number += 1) {
    for (const [which, name] of number % 2 === 0 ? ORDER : ORDER.toReversed()) {
      const began = performance.now()
      const status = await answered(`${world.url}/${name}/`, agent)
      if (status !== 200) throw new Error(`${name} answered ${status}`)
      found[which].push(performance.now() - began)
    }
  }
  agent.destroy()
  return found
}

const ORDER = [
  ['first', FIRST],
  ['last', LAST],
] as const

/** The status; 0 when the connection broke. */
function answered(url: string, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve) => {
    const asked = get(url, { agent }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', () => resolve(0))
  })
}

/** What the daemon does with each change of routes, by nginx alone. */
async function nginxAlone(
  world: World,
  times: number,
): Promise<Pick<Measured, 'proofs' | 'reloads' | 'masterPss' | 'workerPss'>> {
  const paths = pathsOf(world.home)
  const program = findNginx(paths)
  const master = masterOf(paths)
  if (master === undefined) throw new Error('nginx does not run')
  const proofs: number[] = []
  const reloads: number[] = []
  for (let number = 0; number < times; number += 1) {
    const began = performance.now()
    const proof = await proveConfiguration(program, paths.nginxConf)
    if (proof.is === 'refused') throw new Error(proof.output)
    proofs.push(performance.now() - began)
    reloads.push(await reloaded(master))
  }
  const workerPss = activeWorkers(master).map(({ pid }) => memoryOf(pid).pss)
  return { proofs, reloads, masterPss: memoryOf(master.pid).pss, workerPss }
}

/** Until every new connection is served by new workers. */
async function reloaded(master: ProcessId): Promise<number> {
  const old = activeWorkers(master)
  const began = performance.now()
  signal(master, 'SIGHUP')
  const isTaken = (): boolean => old.every(hasLeft) && activeWorkers(master).length >= old.length
  while (!isTaken()) {
    if (performance.now() - began > 60_000) throw new Error('nginx was not reloaded')
    await later(LOOK_MS)
  }
  return performance.now() - began
}

/** From the link of a new plugin, which the daemon is told of as a command tells it, to its first answer. */
async function linked(world: World, name: string): Promise<number> {
  copyFiles(world, FIRST, name)
  const began = performance.now()
  linkPlugin(world, name)
  void askControl(pathsOf(world.home).control, 'POST /look', { plugin: name })
  await untilItAnswers(`${world.url}/${name}/`, began)
  const took = performance.now() - began
  await world.until('every plugin serves', allServe)
  return took
}

/** The whole of `make develop` in a plugin that is built, which ends when the plugin serves. */
async function developed(world: World, name: string, { scratch }: Bench): Promise<number> {
  copyFiles(world, FIRST, name)
  const began = performance.now()
  const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
  await scratch.run(['make', 'develop'], { cwd: join(world.home, name), env })
  const took = performance.now() - began
  const status = await answered(`${world.url}/${name}/`)
  if (status !== 200) throw new Error(`after make develop ${name} answered ${status}`)
  return took
}

async function untilItAnswers(url: string, began: number): Promise<void> {
  while ((await answered(url)) !== 200) {
    if (performance.now() - began > 60_000) throw new Error(`${url} never answered`)
    await later(LOOK_MS)
  }
}

function findings(all: readonly Measured[], { extent }: Bench): Findings {
  return {
    table: {
      title: 'nginx with many plugins',
      head: ['', ...all.map(({ plugins }) => `${plugins} plugins`)],
      rows: ROWS.map(([what, write]) => [what, ...all.map(write)]),
    },
    notes: [
      `Static plugins, development links; ${extent.proofs} proofs and reloads in turn, each more plugin ${extent.onesMore} times: median (min–max). A reload ends when old workers take no connection any more.`,
      `Answers: one client asks the first and the last plugin of nginx.conf in turn, ${extent.latencies} times each, on one kept connection.`,
      'One more plugin: from its link, which the daemon is told of, to its first 200. Aim: below 1 s beside 1,000.',
    ],
  }
}

const ROWS: readonly (readonly [string, (one: Measured) => string])[] = [
  ['nginx.conf, kB', ({ confBytes }) => decimals(0)(confBytes / 1000)],
  ['nginx -t, ms', ({ proofs }) => spread(proofs, decimals(0))],
  ['reload, ms', ({ reloads }) => spread(reloads, decimals(0))],
  ['PSS of the master, MB', ({ masterPss }) => decimals(1)(masterPss)],
  ['PSS of each worker, MB', ({ workerPss }) => spread(workerPss, decimals(1))],
  ['PSS of all nginx, MB', ({ masterPss, workerPss }) => decimals(1)(masterPss + workerPss.reduce((sum, one) => sum + one, 0))],
  ['first plugin: p50, p99 ms', ({ first }) => quantiles(first)],
  ['last plugin: p50, p99 ms', ({ last }) => quantiles(last)],
  ['one more: link to first answer, s', ({ links }) => spread(links, seconds)],
  ['one more: make develop, s', ({ develops }) => spread(develops, seconds)],
]

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN
  return `${decimals(2)(median(values))}, ${decimals(2)(p99)}`
}

function seconds(ms: number): string {
  return decimals(2)(ms / 1000)
}
