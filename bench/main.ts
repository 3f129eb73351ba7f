import { parseArgs } from 'node:util'
import { box } from '../src/cli/table.ts'
import { commands } from './commands.ts'
import { edits } from './edits.ts'
import { loadNow, machineFacts } from './facts.ts'
import { many } from './many.ts'
import { memory } from './memory.ts'
import { metrics } from './metrics.ts'
import { php } from './php.ts'
import { releases } from './releases.ts'
import { reloads } from './reloads.ts'
import { rounds } from './rounds.ts'
import { openScratch, type Scratch } from './scratch.ts'
import { sleep } from './sleep.ts'
import { type Extent, FULL, QUICK, type Theme } from './theme.ts'
import { costs } from './throughput/costs.ts'
import { throughput } from './throughput/throughput.ts'
import { types } from './types/types.ts'

const THEMES: readonly Theme[] = [
  throughput,
  costs,
  types,
  commands,
  memory,
  edits,
  releases,
  rounds,
  reloads,
  many,
  sleep,
  metrics,
  php,
]
const USAGE = `Usage: node bench/main.ts [--quick] [THEME ...]
Measures mfserv beside what you would run instead, and prints a table for each theme (all of them unless named).
  --quick  only shows that everything works
${THEMES.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}`

let scratch: Scratch | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    say(`\n${signal}: stopping what was started`)
    const ended = scratch?.end() ?? Promise.resolve()
    ended.then(
      () => process.exit(1),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
}

const asked = readArguments()
if (asked === undefined) {
  console.error(USAGE)
  process.exitCode = 1
} else {
  console.log(`${await machineFacts()}\n`)
  for (const theme of asked.themes) {
    try {
      console.log(`${await measure(theme, asked.extent)}\n`)
    } catch (error) {
      console.error(`${theme.name} could not be measured:`, error)
      process.exitCode = 1
    }
  }
}

function readArguments(): { readonly themes: readonly Theme[]; readonly extent: Extent } | undefined {
  try {
    const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true })
    const isKnown = positionals.every((name) => THEMES.some((theme) => theme.name === name))
    const themes = THEMES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return isKnown ? { themes, extent: values.quick === true ? QUICK : FULL } : undefined
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

async function measure(theme: Theme, extent: Extent): Promise<string> {
  const load = loadNow()
  scratch = openScratch()
  try {
    const { table, notes } = await theme.run({ extent, scratch, say })
    const warning = extent === QUICK ? ['A quick run: it shows that everything works, its numbers mean little.'] : []
    return [box(table), ...notes, `${load} before.`, ...warning].join('\n')
  } finally {
    await scratch.end()
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
