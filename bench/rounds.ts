import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { pathsOf } from '../src/host/home/paths.ts'
import { setKey, type World } from '../test/system/world.ts'
import { addPlugin, copyPlugin, openWorld } from './plugins.ts'
import { memoryOf } from './process-memory.ts'
import { decimals, spread } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

/** One round a second: long enough for the last 16, which the daemon tells of, to be rounds at rest. */
const REST_MS = 20_000
const LOOK_MS = 2

/**
 * The daemon with many plugins, half of them static and half with a worker that is not wanted: how long a round takes, and how
 * soon a worker that dies has a successor, at rest and while nginx proves and reloads all routes.
 */
export const rounds: Theme = {
  name: 'rounds',
  summary: 'the daemon with many plugins: its rounds, its memory, and what it does about a crash while nginx reloads',
  run: async (bench) => {
    const rows: (readonly string[])[] = []
    for (const count of bench.extent.manyPlugins) rows.push(await measured(bench, count))
    return findings(rows, bench)
  },
}

async function measured({ scratch, extent, say }: Bench, count: number): Promise<readonly string[]> {
  const world = await openWorld(scratch)
  say(`rounds: ${count} plugins`)
  const victims = await havePlugins(world, count, extent.crashes * 2)
  await world.must('mfserv.start')
  await world.until('every plugin is settled', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  await later(REST_MS)
  const { daemon } = await world.status()
  if (daemon.pid === null || daemon.rounds === undefined) throw new Error('the daemon does not run')
  const { rss } = memoryOf(daemon.pid)
  const atRest: number[] = []
  const reloading: number[] = []
  for (let crash = 0; crash < extent.crashes; crash += 1) {
    atRest.push(await crashed(world, victims[crash * 2] ?? ''))
    await touchRoutes(world, crash)
    reloading.push(await crashed(world, victims[crash * 2 + 1] ?? ''))
    await world.until('nginx has the routes', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  }
  await world.must('mfserv.stop')
  const ms = decimals(0)
  return [
    String(count),
    String(daemon.rounds.medianMs),
    String(daemon.rounds.longestMs),
    decimals(0)(rss),
    spread(atRest, ms),
    spread(reloading, ms),
  ]
}

/**
 * `count` plugins, copies of two: static, and with a worker that is not wanted. Besides them one with a worker for each crash,
 * whose names are answered: a worker that dies again soon after a start is waited with.
 */
async function havePlugins(world: World, count: number, crashes: number): Promise<readonly string[]> {
  const victims = Array.from({ length: crashes }, (_, number) => `crash${number + 1}`)
  await addPlugin(world, 'crash1', 'default', 1)
  for (const name of victims.slice(1)) copyPlugin(world, 'crash1', name)
  await addPlugin(world, 'pages1', 'static', 1)
  await addPlugin(world, 'idle1', 'default', 0)
  for (let number = 2; number <= count / 2; number += 1) {
    for (const kind of ['pages', 'idle']) copyPlugin(world, `${kind}1`, `${kind}${number}`)
  }
  return victims
}

/** Another route of one plugin is another text for nginx, with all the plugins in it. */
async function touchRoutes(world: World, number: number): Promise<void> {
  const { nginx } = await world.status()
  setKey(join(world.home, 'pages1'), 'prefix_based_routing_extra_routes', `/extra${number}`)
  const began = performance.now()
  // Its proof is under way as soon as the candidate of its text is there.
  while (!readdirSync(join(world.home, 'tmp/config_auto')).some((name) => name.includes('candidate'))) {
    if (performance.now() - began > 60_000) throw new Error(`nginx was not reloaded after ${nginx.reloads}`)
    await later(LOOK_MS)
  }
}

/** Milliseconds from kill -9 of the worker until the record of the next one is there. */
async function crashed(world: World, victim: string): Promise<number> {
  const records = pathsOf(world.home).workers
  const slot = (await world.status()).plugins.find(({ name }) => name === victim)?.apps[0]?.slots[0]
  if (slot?.pid === null || slot === undefined) throw new Error('the worker to be killed does not run')
  const before = new Set(readdirSync(records))
  const began = performance.now()
  process.kill(slot.pid, 'SIGKILL')
  while (!readdirSync(records).some((name) => !before.has(name) && name.startsWith(`${victim}.`))) await later(LOOK_MS)
  const ms = performance.now() - began
  await world.until('the worker is back', ({ plugins }) => plugins.find(({ name }) => name === victim)?.state === 'serving')
  return ms
}

function findings(rows: readonly (readonly string[])[], { extent }: Bench): Findings {
  return {
    table: {
      title: 'The daemon with many plugins',
      head: ['plugins', 'round, median ms', 'longest ms', 'RSS MB', 'crash answered ms', 'the same while nginx reloads ms'],
      rows,
    },
    notes: [
      `Half of the plugins static, half with a worker that is not wanted; development links. The last 16 rounds of ${REST_MS / 1000} s at rest. Aim: under 20 ms with 1,000 plugins.`,
      `Crashes: median (min–max) of ${extent.crashes}, from kill -9 of a worker until its successor is written down. Aim: 100 ms, also while nginx proves and reloads all routes.`,
    ],
  }
}
