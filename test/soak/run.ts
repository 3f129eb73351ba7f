import { type Load, startLoad } from '../load/client.ts'
import type { Kill, Verdict } from '../load/verdict.ts'
import type { World } from '../system/world.ts'
import { HAPPENINGS, type HappeningName, type Soak } from './events.ts'
import { LOADED, makePlugins } from './plugins.ts'
import { randomFrom, shuffled } from './random.ts'
import { daemonResources, type Resources } from './resources.ts'
import { newTally, type Tally } from './tally.ts'

export const PER_SECOND = 240
const WARM_UP_SECONDS = 5
const LONGEST_PAUSE_SECONDS = 3

export interface Course {
  readonly minutes: number
  readonly seed: number
  readonly say: (text: string) => void
  readonly isInterrupted: () => boolean
}

export interface Outcome {
  readonly seconds: number
  readonly tally: Tally
  readonly verdict: Verdict
  /** When the load began, in milliseconds of `performance.now()`. */
  readonly began: number
  readonly counts: ReadonlyMap<HappeningName, number>
  /** After the warm-up, and after each event. */
  readonly resources: readonly Resources[]
  /** What kept the machine from coming to rest again after an event. */
  readonly trouble: unknown
}

export async function runSoak(world: World, course: Course): Promise<Outcome> {
  await world.must('mfserv.start')
  await makePlugins(world)
  const tally = newTally()
  const kills: Kill[] = []
  const counts = new Map<HappeningName, number>()
  const resources: Resources[] = []
  const paths = LOADED.map((name) => `/${name}`)
  const began = performance.now()
  const load = startLoad({ url: world.url, paths, perSecond: PER_SECOND, connections: 'mixed', record: tally.add })
  let trouble: unknown
  try {
    const soak = { world, tally, kills, inARow: new Map(), random: randomFrom(course.seed) }
    await disturb(soak, load, { ...course, began, counts, resources })
  } catch (error) {
    trouble = error
  } finally {
    await load.stop()
  }
  const seconds = (performance.now() - began) / 1000
  return { seconds, tally, verdict: tally.verdict(kills), began, counts, resources, trouble }
}

interface Records extends Course {
  readonly began: number
  readonly counts: Map<HappeningName, number>
  readonly resources: Resources[]
}

async function disturb(soak: Soak, load: Load, records: Records): Promise<void> {
  const { began, minutes, say, counts } = records
  const elapsed = (): number => performance.now() - began
  await load.further(WARM_UP_SECONDS * PER_SECOND)
  records.resources.push(await daemonResources(soak.world))
  let turn: HappeningName[] = []
  while (!records.isInterrupted() && elapsed() < minutes * 60_000) {
    // In the second half the daemon lives on, so that one grows old and shows whether its memory does.
    const possible = elapsed() > minutes * 30_000 ? WITHOUT_KILLING_THE_DAEMON : ALL
    if (turn.length === 0) turn = shuffled(soak.random, possible)
    const name = turn.pop() ?? possible[0]
    say(`${(elapsed() / 1000).toFixed(1)} s: ${name}`)
    await HAPPENINGS[name](soak)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    await load.further(Math.ceil(soak.random() * LONGEST_PAUSE_SECONDS * PER_SECOND))
    records.resources.push(await daemonResources(soak.world))
  }
}

const WITHOUT_KILLING_THE_DAEMON = [
  'edit of a source file',
  'kill -9 of one of two workers',
  'kill -9 of the only worker',
  'kill -9 of the only worker, and of the next',
  'recycling by max_age',
  'hot swap of a release',
  'rollback of a release',
  'restart of a plugin',
] as const satisfies readonly HappeningName[]
const ALL = [
  ...WITHOUT_KILLING_THE_DAEMON,
  'kill -9 of the daemon, then mfserv.start',
] as const satisfies readonly HappeningName[]
