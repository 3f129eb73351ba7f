import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLONE, type World } from '../test/system/world.ts'
import { addPlugin, openWorld } from './plugins.ts'
import { decimals, quotients, spread } from './statistics.ts'
import { type Findings, ordered, type Theme } from './theme.ts'

interface Timed {
  readonly shown: string
  readonly argv: readonly [string, ...string[]]
  readonly aim: string
  /** 0 unless said otherwise. */
  readonly exitCode?: number
}

interface Took {
  readonly wallMs: number
  readonly cpuMs: number
}

const BARE_NODE: Timed = { shown: 'node -e 0', argv: [process.execPath, '-e', '0'], aim: '' }
const COMMANDS: readonly Timed[] = [
  BARE_NODE,
  { shown: 'plugins.list', argv: [join(CLONE, 'bin/plugins.list')], aim: 'below 1.5' },
  { shown: 'plugin_wrapper one -- true', argv: [join(CLONE, 'bin/plugin_wrapper'), 'one', '--', 'true'], aim: 'below 2.2' },
  { shown: 'mfserv.status --json', argv: [join(CLONE, 'bin/mfserv.status'), '--json'], aim: 'below 2', exitCode: 3 },
  { shown: 'plugins.info --json one', argv: [join(CLONE, 'bin/plugins.info'), '--json', 'one'], aim: 'below 2' },
  { shown: 'mfserv --help', argv: [join(CLONE, 'bin/mfserv'), '--help'], aim: '' },
]
const WARM_UP_RUNS = 2
/** The unit of /proc on every Linux that mfserv runs on. */
const TICK_MS = 10

/** A loop of its own instead of hyperfine: that one runs a command to the end of its series before the next, so nothing is paired. */
export const commands: Theme = {
  name: 'commands',
  summary: 'wall and processor time of the commands beside those of a bare node -e 0',
  run: async ({ scratch, extent, say }) => {
    const world = await openWorld(scratch)
    say('commands: making three plugins')
    for (const name of ['one', 'two', 'three']) await addPlugin(world, name, 'static')
    say(`commands: ${extent.commandRuns} runs of each`)
    const times = new Map<Timed, Took[]>(COMMANDS.map((command) => [command, []]))
    for (let round = -WARM_UP_RUNS; round < extent.commandRuns; round += 1) {
      for (const command of ordered(COMMANDS, Math.abs(round))) {
        const took = await timeOf(command, world)
        if (round >= 0) times.get(command)?.push(took)
      }
    }
    return findings(times, extent.commandRuns)
  },
}

async function timeOf({ shown, argv: [program, ...words], exitCode = 0 }: Timed, world: World): Promise<Took> {
  const before = timeOfChildren()
  const began = performance.now()
  const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
  const child = spawn(program, words, { cwd: world.home, env, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== exitCode) throw new Error(`${shown} ended with ${String(code)}`)
  return { wallMs: performance.now() - began, cpuMs: timeOfChildren() - before }
}

/** Of all that have ended. It counts in ticks, so only the mean of many runs means something. */
function timeOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS
}

function findings(times: ReadonlyMap<Timed, readonly Took[]>, runs: number): Findings {
  const bare = times.get(BARE_NODE) ?? []
  const wall = (all: readonly Took[]): readonly number[] => all.map(({ wallMs }) => wallMs)
  const cpu = (all: readonly Took[]): number => all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / all.length
  const rows = [...times].map(([command, all]) => {
    const isBare = command === BARE_NODE
    const quotient = isBare ? '' : spread(quotients(wall(all), wall(bare)), decimals(2))
    const ofCpu = isBare ? '' : decimals(2)(cpu(all) / cpu(bare))
    return [command.shown, spread(wall(all), decimals(0)), quotient, decimals(0)(cpu(all)), ofCpu, command.aim]
  })
  return {
    table: { title: 'Commands', head: ['command', 'wall time ms', 'times node -e 0', 'CPU ms', 'times', 'aim'], rows },
    notes: [
      `Median (min–max) of ${runs} runs of each, in turn, the order reversed each round, after ${WARM_UP_RUNS} to warm up; "times" are medians of the quotients within a round. CPU is the mean, of the command with its shell.`,
      'With 3 plugins. The node is the one mfserv runs on. mfserv is not running: these commands read the disk.',
    ],
  }
}
