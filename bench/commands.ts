import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

const BARE_NODE: Timed = { shown: 'node -e 0', argv: [process.execPath, '-e', '0'], aim: '' }
const COMMANDS: readonly Timed[] = [
  BARE_NODE,
  { shown: 'plugins.list', argv: [join(CLONE, 'bin/plugins.list')], aim: 'below 3' },
  { shown: 'plugin_wrapper one -- true', argv: [join(CLONE, 'bin/plugin_wrapper'), 'one', '--', 'true'], aim: 'below 2.2' },
  { shown: 'mfserv.status --json', argv: [join(CLONE, 'bin/mfserv.status'), '--json'], aim: '', exitCode: 3 },
  { shown: 'plugins.info --json one', argv: [join(CLONE, 'bin/plugins.info'), '--json', 'one'], aim: '' },
  { shown: 'mfserv --help', argv: [join(CLONE, 'bin/mfserv'), '--help'], aim: '' },
]
const WARM_UP_RUNS = 2

/** A loop of its own instead of hyperfine: that one runs a command to the end of its series before the next, so nothing is paired. */
export const commands: Theme = {
  name: 'commands',
  summary: 'wall time of the commands beside that of a bare node -e 0',
  run: async ({ scratch, extent, say }) => {
    const world = await openWorld(scratch)
    say('commands: making three plugins')
    for (const name of ['one', 'two', 'three']) await addPlugin(world, name, 'static')
    say(`commands: ${extent.commandRuns} runs of each`)
    const times = new Map<Timed, number[]>(COMMANDS.map((command) => [command, []]))
    for (let round = -WARM_UP_RUNS; round < extent.commandRuns; round += 1) {
      for (const command of ordered(COMMANDS, Math.abs(round))) {
        const took = await wallTime(command, world)
        if (round >= 0) times.get(command)?.push(took)
      }
    }
    return findings(times, extent.commandRuns)
  },
}

async function wallTime({ shown, argv: [program, ...words], exitCode = 0 }: Timed, world: World): Promise<number> {
  const began = performance.now()
  const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home }
  const child = spawn(program, words, { cwd: world.home, env, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== exitCode) throw new Error(`${shown} ended with ${String(code)}`)
  return performance.now() - began
}

function findings(times: ReadonlyMap<Timed, readonly number[]>, runs: number): Findings {
  const bare = times.get(BARE_NODE) ?? []
  const rows = [...times].map(([command, all]) => {
    const quotient = command === BARE_NODE ? '' : spread(quotients(all, bare), decimals(2))
    return [command.shown, spread(all, decimals(0)), quotient, command.aim]
  })
  return {
    table: { title: 'Commands', head: ['command', 'wall time ms', 'times node -e 0', 'aim'], rows },
    notes: [
      `Median (min–max) of ${runs} runs of each, in turn, the order reversed each round, after ${WARM_UP_RUNS} to warm up; "times" are medians of the quotients within a round.`,
      'With 3 plugins. The node is the one mfserv runs on. mfserv is not running: these commands read the disk.',
    ],
  }
}
