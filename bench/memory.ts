import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import type { World } from '../test/system/world.ts'
import { addPlugin, allServe, copyPlugin, openWorld } from './plugins.ts'
import { memoryOf } from './process-memory.ts'
import { decimals, spread } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

const MIXES = {
  static: 'static alone',
  mixed: 'half static, half python3_sync with 1 worker',
} as const
type Mix = keyof typeof MIXES

/** What one start of mfserv came to. Sizes in MB of 1,000,000 bytes. */
interface Start {
  readonly seconds: number
  readonly rss: number
  readonly pss: number
  readonly workersPss: number
  /** Of one core, while nothing happens. */
  readonly idlePercent: number
}

const IDLE_MS = 3_000
const TICKS_PER_SECOND = 100

export const memory: Theme = {
  name: 'memory',
  summary: 'resident memory of the daemon and the time to start, with more and more plugins',
  run: async (bench) => {
    const rows: (readonly string[])[] = []
    for (const mix of ['static', 'mixed'] as const) {
      const world = await openWorld(bench.scratch)
      for (const count of bench.extent.plugins) {
        await havePlugins(world, count, mix)
        await startOnce(world)
        const starts = await startRepeatedly(world, bench, `${count} plugins, ${MIXES[mix]}`)
        rows.push([String(count), MIXES[mix], ...cells(starts)])
      }
    }
    return findings(rows, bench)
  },
}

/** Copies of one plugin of each kind under many names. */
async function havePlugins(world: World, count: number, mix: Mix): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    // One plugin alone is the heavier kind.
    const [kind, template] = mix === 'mixed' && number % 2 === 1 ? ['wsgi', 'default'] : ['pages', 'static']
    const [first, name] = [join(world.home, `${kind}1`), `${kind}${number}`]
    const home = join(world.home, name)
    if (existsSync(home)) continue
    if (home === first || !existsSync(first)) await addPlugin(world, `${kind}1`, template, 1)
    if (home === first) continue
    copyPlugin(world, `${kind}1`, name)
  }
}

/** Unmeasured: the first start of a runtime home compiles the code that the later ones find compiled. */
async function startOnce(world: World): Promise<void> {
  await world.must('mfserv.start')
  await world.until('every plugin serves', allServe)
  await world.must('mfserv.stop')
}

async function startRepeatedly(world: World, { extent, say }: Bench, what: string): Promise<readonly Start[]> {
  const starts: Start[] = []
  for (let round = 1; round <= extent.starts; round += 1) {
    say(`memory: ${what}, start ${round} of ${extent.starts}`)
    const began = performance.now()
    await world.must('mfserv.start')
    const { daemon } = await world.until('every plugin serves', allServe)
    const seconds = (performance.now() - began) / 1000
    if (daemon.pid === null) throw new Error('the daemon has no pid')
    const before = cpuSeconds(daemon.pid)
    await later(IDLE_MS)
    const idlePercent = ((cpuSeconds(daemon.pid) - before) / (IDLE_MS / 1000)) * 100
    const workers = await workerPids(world)
    const workersPss = workers.reduce((sum, pid) => sum + memoryOf(pid).pss, 0)
    starts.push({ seconds, ...memoryOf(daemon.pid), workersPss, idlePercent })
    await world.must('mfserv.stop')
  }
  return starts
}

async function workerPids(world: World): Promise<readonly number[]> {
  const slots = (await world.status()).plugins.flatMap(({ apps }) => apps.flatMap((app) => app.slots))
  return slots.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}

function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function cells(starts: readonly Start[]): readonly string[] {
  const of = (name: keyof Start, digits: number): string =>
    spread(
      starts.map((one) => one[name]),
      decimals(digits),
    )
  return [of('rss', 0), of('pss', 0), of('workersPss', 0), of('seconds', 2), of('idlePercent', 1)]
}

function findings(rows: readonly (readonly string[])[], { extent }: Bench): Findings {
  return {
    table: {
      title: 'Memory of the daemon, and start',
      head: [
        'plugins',
        'which',
        'RSS MB',
        'PSS MB',
        'PSS of all workers MB',
        'start to all serving s',
        'CPU at rest, % of a core',
      ],
      rows,
    },
    notes: [
      `Median (min–max) of ${extent.starts} starts after one unmeasured. Memory ${IDLE_MS / 1000} s after all served, CPU over those seconds. PSS shares out what processes have in common, such as Node's own code.`,
      'Development links, whose files are watched. From the command mfserv.start until every plugin is reported as serving.',
    ],
  }
}
