import { readdirSync } from 'node:fs'
import { askControl } from '../../src/control/client.ts'
import type { SlotReport } from '../../src/control/protocol.ts'
import { isErrno } from '../../src/host/disk/errno.ts'
import { pathsOf } from '../../src/host/home/paths.ts'
import { processId } from '../../src/host/process/proc.ts'
import type { Kill } from '../load/verdict.ts'
import { eventually, type World } from '../system/world.ts'
import { change, DEVELOPED, type Developed, LOADED, loadedServe, RELEASED, releaseFile, SOURCES, setKey } from './plugins.ts'
import { choose } from './random.ts'
import type { Tally } from './tally.ts'

/** A worker that has lived so long does not count as crashing again. */
const SOUND_AFTER_MS = 11_000
const MOST_IN_A_ROW = 3

/** What happens to mfserv while it serves. Each ends when the machine has come to rest again. */
export interface Soak {
  readonly world: World
  readonly tally: Tally
  readonly random: () => number
  readonly kills: Kill[]
  /** How often the worker of a slot was killed without having lived long in between. */
  readonly inARow: Map<string, number>
}

export type Happening = (soak: Soak) => Promise<void>

export const HAPPENINGS = {
  'edit of a source file': edit,
  'kill -9 of one of two workers': (soak) => killWorker(soak, 'wsgi', choose(soak.random, [0, 1])),
  'kill -9 of the only worker': (soak) => killWorker(soak, 'express', 0),
  'kill -9 of the only worker, and of the next': async (soak) => {
    await killWorker(soak, 'express', 0)
    await killWorker(soak, 'express', 0)
  },
  'recycling by max_age': recycle,
  'hot swap of a release': hotswap,
  'rollback of a release': rollback,
  'restart of a plugin': restart,
  'kill -9 of the daemon, then mfserv.start': killDaemon,
} as const satisfies Record<string, Happening>

export type HappeningName = keyof typeof HAPPENINGS

async function edit({ world, tally, random }: Soak): Promise<void> {
  const name = choose(random, DEVELOPED)
  const text = `Hello ${Math.floor(random() * 1e9)}`
  change(world, `${name}/${SOURCES[name]}`, (before) => before.replace(/Hello \w+/, text))
  await eventually(`the new text of ${name} is served`, () => (tally.lastBody(`/${name}`).startsWith(text) ? true : undefined))
  await world.until('no worker is being replaced', loadedServe)
}

async function killWorker({ world, kills, inARow }: Soak, name: Developed, slot: number): Promise<void> {
  await untilBearable(world, inARow, name, slot)
  const pid = (await slotsOf(world, name))[slot]?.pid
  if (typeof pid !== 'number') throw new Error(`${name} has no worker ${slot}`)
  const at = performance.now()
  process.kill(pid, 'SIGKILL')
  await eventually('the worker is gone', () => (holdsNothing(pid) ? true : undefined))
  kills.push({ at, goneAt: performance.now(), path: `/${name}` })
  await eventually('the slot has another worker', async () =>
    (await slotsOf(world, name)).every((one) => one.pid !== null && one.pid !== pid) ? true : undefined,
  )
  await world.until('the plugin serves', loadedServe)
}

/** One that dies again and again gets longer and longer pauses, in which requests may wait too long. Not before. */
async function untilBearable(world: World, inARow: Map<string, number>, name: Developed, slot: number): Promise<void> {
  const age = async (): Promise<number> => Date.now() - ((await slotsOf(world, name))[slot]?.since ?? Date.now())
  const key = `${name}.${slot}`
  const before = (await age()) >= SOUND_AFTER_MS ? 0 : (inARow.get(key) ?? 0)
  const isTooOften = before >= MOST_IN_A_ROW
  if (isTooOften) await eventually('the worker is sound', async () => ((await age()) >= SOUND_AFTER_MS ? true : undefined))
  inARow.set(key, isTooOften ? 1 : before + 1)
}

/** The sockets of a killed process are closed with its last thread, some milliseconds after it has become a zombie. */
function holdsNothing(pid: number): boolean {
  if (processId(pid) !== undefined) return false
  try {
    return readdirSync(`/proc/${pid}/task`).length <= 1
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return true
    throw error
  }
}

async function recycle({ world, random }: Soak): Promise<void> {
  const name = choose(random, DEVELOPED)
  const before = await slotsOf(world, name)
  setKey(world, name, 'max_age', '1')
  await eventually(`every worker of ${name} has been replaced by age`, async () => {
    const now = await slotsOf(world, name)
    const isRecycled = (slot: SlotReport, index: number): boolean =>
      slot.generation > (before[index]?.generation ?? 0) && slot.lastRestart?.cause === 'max_age'
    return now.every(isRecycled) ? true : undefined
  })
  setKey(world, name, 'max_age', '0')
  await askControl(pathsOf(world.home).control, 'POST /look')
  await world.until('no worker is being replaced', loadedServe)
}

async function hotswap({ world, tally }: Soak): Promise<void> {
  const other = (await versionInForce(world)) === '1' ? '2' : '1'
  await world.must('plugins.hotswap', ['--watch', '0', releaseFile(world, other)])
  await serves(world, tally, other)
}

/** Before the first hot swap there is nothing to go back to, so that comes first. */
async function rollback(soak: Soak): Promise<void> {
  const { world, tally } = soak
  if ((await releases(world)).length < 2) await hotswap(soak)
  await world.must('plugins.rollback', ['--watch', '0', RELEASED])
  await serves(world, tally, await versionInForce(world))
}

async function releases(world: World): Promise<readonly { readonly version: string; readonly inForce: boolean }[]> {
  return JSON.parse((await world.must('plugins.releases', ['--json', RELEASED])).stdout)
}

async function versionInForce(world: World): Promise<string> {
  return (await releases(world)).find(({ inForce }) => inForce)?.version ?? ''
}

async function restart({ world, random }: Soak): Promise<void> {
  await world.must('plugins.restart', [choose(random, LOADED)])
  await world.until('no worker is being replaced', loadedServe)
}

async function serves(world: World, tally: Tally, version: string): Promise<void> {
  await eventually('the release in force is served', () =>
    tally.lastBody(`/${RELEASED}`).startsWith(`Hello version ${version}`) ? true : undefined,
  )
  await world.until('no worker is being replaced', loadedServe)
}

async function killDaemon({ world }: Soak): Promise<void> {
  const { pid } = (await world.status()).daemon
  if (pid === null) throw new Error('the daemon has no pid')
  process.kill(pid, 'SIGKILL')
  await eventually('the daemon is gone', () => (processId(pid) === undefined ? true : undefined))
  // The plugin that crashes makes the module less than RUNNING, which this command tells by its exit code.
  await world.run('mfserv.start')
  await world.until('the plugins serve', loadedServe)
}

async function slotsOf(world: World, name: Developed): Promise<readonly SlotReport[]> {
  return (await world.plugin(name)).apps.flatMap(({ slots }) => slots)
}
