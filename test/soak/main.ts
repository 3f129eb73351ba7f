import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import { describe } from '../load/verdict.ts'
import { eventually, newWorld, type World } from '../system/world.ts'
import { HAPPENINGS, type HappeningName } from './events.ts'
import { FLOOD, FLOOD_BYTES_PER_SECOND, LOADED } from './plugins.ts'
import { logsOf, type Resources, workersAlive, workersWanted } from './resources.ts'
import { type Outcome, runSoak } from './run.ts'

const USAGE = `Usage: node test/soak/main.ts [--minutes N] [--seed N]
A client that never retries asks mfserv for N minutes (5) while files are edited, workers recycled, releases swapped, workers
and the daemon killed; beside it one plugin crashes all the time and one floods its log. Exit code 1 when a request failed that may not.`

const AT_LEAST_PER_SECOND = 200
/** Small, so that a flood reaches the bound within a minute. */
const LOGS = '\n[log]\nmax_size_before_rotation = 10000000\nnumber_of_rotated_files = 3\n'
const LOGS_MB = 30

const asked = readArguments()
if (asked === undefined) {
  say(USAGE)
  process.exitCode = 1
} else {
  process.exitCode = await soak(asked.minutes, asked.seed)
}

function readArguments(): { readonly minutes: number; readonly seed: number } | undefined {
  try {
    const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
    const [minutes, seed] = [Number(values.minutes ?? 5), Number(values.seed ?? Date.now() % 1_000_000)]
    return minutes > 0 && Number.isFinite(minutes) && Number.isInteger(seed) ? { minutes, seed } : undefined
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Answers the exit code. */
async function soak(minutes: number, seed: number): Promise<0 | 1> {
  const world = await newWorld(LOGS)
  let interrupted = false
  const interrupt = (): void => {
    interrupted = true
    say('Interrupted: what is under way is finished first.')
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    say(`seed ${seed}, ${minutes} minutes, runtime home ${world.home}`)
    const outcome = await runSoak(world, { minutes, seed, say, isInterrupted: () => interrupted })
    console.log(box({ title: `Soak, seed ${seed}`, rows: await rows(outcome, world) }))
    return judged(outcome)
  } finally {
    await world.end()
  }
}

async function rows({ seconds, tally, verdict, counts, resources }: Outcome, world: World): Promise<readonly string[][]> {
  const events = (Object.keys(HAPPENINGS) as HappeningName[]).map((name) => [name, String(counts.get(name) ?? 0)])
  const alone = resources.filter(({ pid }) => pid === resources.at(-1)?.pid)
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  return [
    ['seconds', seconds.toFixed(0)],
    ['requests', `${tally.done()} (${(tally.done() / seconds).toFixed(0)}/s, half GET, half POST, kept and fresh connections)`],
    ['failed that may not', `${verdict.failed.length} (must be 0)`],
    ['POST inside a killed worker', String(verdict.inside.length)],
    ['p50, p99, longest', [tally.quantile(0.5), tally.quantile(0.99), tally.slowest()].map(ms).join(', ')],
    ...events,
    ['daemons', String(new Set(resources.map(({ pid }) => pid)).size)],
    ['RSS of the first daemon', held(resources[0])],
    [`RSS of the last daemon, over ${lifetime(alone)} s`, `${held(alone[0])} → ${held(alone.at(-1))}`],
    ['highest RSS of a daemon', `${Math.max(...resources.map(({ rssMb }) => rssMb)).toFixed(0)} MB`],
    ['workers alive / wanted', await workers(world)],
    [
      `log of the flooding plugin`,
      `${logsOf(world, FLOOD).toFixed(0)} MB on disk (about ${LOGS_MB} allowed) of ${((FLOOD_BYTES_PER_SECOND * seconds) / 1e6).toFixed(0)} MB written`,
    ],
  ]
}

function held(resources: Resources | undefined): string {
  return resources === undefined ? 'unknown' : `${resources.rssMb.toFixed(0)} MB, ${resources.openFiles} open files`
}

function lifetime(resources: readonly Resources[]): string {
  return (((resources.at(-1)?.at ?? 0) - (resources[0]?.at ?? 0)) / 1000).toFixed(0)
}

/** Old workers may still finish their connections, so the two are given time to become the same. */
async function workers(world: World): Promise<string> {
  const plugins = [...LOADED, FLOOD]
  const count = async (): Promise<string> => `${workersAlive(world, plugins)} / ${await workersWanted(world, plugins)}`
  const isCalm = (text: string): boolean => new Set(text.split(' / ')).size === 1
  return eventually('only the wanted workers are alive', async () => {
    const now = await count()
    return isCalm(now) ? now : undefined
  }).catch(count)
}

function judged({ verdict, trouble, seconds, tally, began }: Outcome): 0 | 1 {
  const perSecond = tally.done() / seconds
  if (perSecond < AT_LEAST_PER_SECOND) say(`This machine was too busy: only ${perSecond.toFixed(0)} requests a second.`)
  if (trouble !== undefined) console.error('It did not come to rest again:', trouble)
  if (verdict.failed.length > 0) {
    const times = verdict.failed.slice(0, 5).map((one) => `${((one.began - began) / 1000).toFixed(1)} s`)
    say(`${describe(verdict)}\nThese began at ${times.join(', ')}.`)
  }
  return verdict.failed.length > 0 || trouble !== undefined ? 1 : 0
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
