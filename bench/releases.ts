import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesText } from '../src/cli/bytes-text.ts'
import type { Swapped } from '../src/operations/release/hotswap.ts'
import { ask, bootstrap, CLONE, setKey, type World } from '../test/system/world.ts'
import { openWorld } from './plugins.ts'
import { decimals, spread } from './statistics.ts'
import type { Bench, Findings, Theme } from './theme.ts'

interface Kind {
  readonly template: string
  /** Below the URL of the plugin: where it says hello. */
  readonly path: string
}

const KINDS: readonly Kind[] = [
  { template: 'static', path: '/' },
  { template: 'flask', path: '/' },
  { template: 'node', path: '' },
  { template: 'django', path: '/' },
]
const ASK_EVERY_MS = 20
/** What a hot swap takes as long as the plugin wants. */
const NOT_OURS = ['Building its environment', 'Waiting for the connections of the old workers']

/** A plugin in two versions. */
interface Released {
  readonly kind: Kind
  readonly first: string
  readonly second: string
}

/** Milliseconds. */
interface Round {
  readonly bareNode: number
  readonly firstAnswer: number
  readonly installed: number
  readonly swapped: number
  readonly phases: ReadonlyMap<string, number>
}

export const releases: Theme = {
  name: 'releases',
  summary: 'from plugins.install to the first answer, the phases of a hot swap, the size of release files',
  run: async (bench) => {
    const released = await releaseAll(bench)
    const world = await openWorld(bench.scratch)
    await world.must('mfserv.start')
    const rounds = new Map<Released, Round[]>(released.map((one) => [one, []]))
    for (let round = 1; round <= bench.extent.installs; round += 1) {
      for (const one of released) {
        bench.say(`releases: ${one.kind.template}, ${round} of ${bench.extent.installs}`)
        rounds.get(one)?.push(await installAndSwap(one, world, bench))
      }
    }
    return findings(rounds, bench.extent.installs)
  },
}

/** In a runtime home of its own, whose caches and environments the other one does not have. */
async function releaseAll({ scratch, say }: Bench): Promise<readonly Released[]> {
  const maker = await openWorld(scratch)
  const released: Released[] = []
  for (const kind of KINDS) {
    say(`releases: making the files of ${kind.template}`)
    const home = await bootstrap(maker, `bench-${kind.template}`, kind.template)
    // The project of Django is made by its postinstall, which a developer has run.
    if (kind.template === 'django') {
      await maker.must('_plugins.make', [], { in: home })
      await maker.must('_plugins.develop', [], { in: home })
    }
    released.push({ kind, first: await release(maker, home, '1.0'), second: await release(maker, home, '2.0') })
  }
  return released
}

async function release(maker: World, home: string, version: string): Promise<string> {
  setKey(home, 'version', version)
  await maker.must('_plugins.release', [], { in: home })
  return `${home}/${nameIn(home)}-${version}-1.metwork.mfserv.plugin`
}

function nameIn(home: string): string {
  return home.slice(home.lastIndexOf('/') + 1)
}

/** Leaves nothing of the plugin. */
async function installAndSwap({ kind, first, second }: Released, world: World, { scratch }: Bench): Promise<Round> {
  const name = `bench-${kind.template}`
  const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
  const timed = async (argv: readonly [string, ...string[]]): Promise<{ readonly ms: number; readonly printed: string }> => {
    const began = performance.now()
    const printed = await scratch.run(argv, { env })
    return { ms: performance.now() - began, printed }
  }
  const command = (program: string): string => join(CLONE, 'bin', program)
  const bareNode = await timed([process.execPath, '-e', '0'])
  const [installed, firstAnswer] = await Promise.all([
    timed([command('plugins.install'), first]),
    untilAnswer(`${world.url}/${name}${kind.path}`),
  ])
  const swap = await timed([command('plugins.hotswap'), '--watch', '0', '--json', second])
  const { receipt }: Swapped = JSON.parse(swap.printed)
  await timed([command('plugins.uninstall'), '--clean', name])
  return {
    bareNode: bareNode.ms,
    firstAnswer,
    installed: installed.ms,
    swapped: swap.ms,
    phases: new Map(receipt?.phases.map(({ name: phase, ms }) => [phase, ms])),
  }
}

async function untilAnswer(url: string): Promise<number> {
  const began = performance.now()
  for (;;) {
    const answer = await ask(url)
    await answer.arrayBuffer()
    if (answer.ok) return performance.now() - began
    await pause(ASK_EVERY_MS)
  }
}

const seconds = (ms: number): string => decimals(2)(ms / 1000)

function findings(rounds: ReadonlyMap<Released, readonly Round[]>, runs: number): Findings {
  const all = [...rounds]
  const row = (what: string, aim: string, show: (released: Released, rounds: readonly Round[]) => string) => [
    what,
    ...all.map(([released, own]) => show(released, own)),
    aim,
  ]
  const times = (what: string, aim: string, pick: (round: Round) => number | undefined) =>
    row(what, aim, (_released, own) => {
      const values = own.map(pick).filter((value) => value !== undefined)
      return values.length === 0 ? '' : spread(values, seconds)
    })
  const phases = new Set(all.flatMap(([, own]) => own.flatMap(({ phases }) => [...phases.keys()])))
  const rows = [
    row('size of the release file', '', ({ first }) => bytesText(statSync(first).size)),
    times('node -e 0', '', ({ bareNode }) => bareNode),
    times('install, to the first answer', 'static 0.5, flask 5', ({ firstAnswer }) => firstAnswer),
    times('install, to the end of the command', '', ({ installed }) => installed),
    ...[...phases].map((phase) => times(`hot swap: ${phase}`, '', (round) => round.phases.get(phase))),
    times('hot swap, the whole command', '', ({ swapped }) => swapped),
    times('the same without build and connections', 'flask 3', oursOf),
  ]
  return {
    table: { title: 'Releases', head: ['seconds', ...KINDS.map(({ template }) => template), 'aim: below'], rows },
    notes: [
      `Median (min–max) of ${runs} runs of each, in turn. The plugins are those of the templates, with as many workers as those say.`,
      `Each is installed where nothing of it is left, replaced with --watch 0, and uninstalled. The first answer is asked for every ${ASK_EVERY_MS} ms, through nginx.`,
      'A hot swap without build and connections includes the wait for the last line of the access log, about a second.',
    ],
  }
}

function oursOf({ swapped, phases }: Round): number {
  return NOT_OURS.reduce((rest, phase) => rest - (phases.get(phase) ?? 0), swapped)
}
