import { randomInt } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CACHE, ensureImage } from '../image.ts'
import { inMachines, say } from '../needs.ts'
import { makePackage } from '../parcel.ts'
import { cutDuring, type Outcome, type When } from './cut.ts'
import { type Frozen, frozenMachine } from './machine.ts'
import { momentsOf } from './moments.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { makeStock } from './stock.ts'
import { type Cut, isGood, tableOf } from './table.ts'

const USAGE = `Usage: make test-power [ONLY=NAME,NAME] [ROUNDS=N] [SEED=N]
Cuts the power of a virtual machine at random moments of ${OPERATIONS.map(({ name }) => name).join(', ')}, and looks at what the
next boot serves. What is tested is the last commit.
  ONLY=NAME,NAME   these operations alone
  ROUNDS=N         cuts in each (by default 30); one of them comes when the operation is done
  SEED=N           the moments of an earlier run`

interface Choice {
  readonly operations: readonly Operation[]
  readonly rounds: number
  readonly seed: number
}

await inMachines(USAGE, readChoice, main)

async function main({ operations, rounds, seed }: Choice): Promise<0 | 1> {
  say(`The seed is ${seed}`)
  const image = ensureImage('trixie', 'server', say)
  const frozen = await frozenMachine(image, makeStock(makePackage(say), say), say)
  const names = operations.map(({ name }) => name)
  const cuts: Cut[] = []
  for (const operation of operations) {
    for await (const outcome of cutsIn(operation, { rounds, seed }, frozen)) {
      cuts.push({ operation: operation.name, ...outcome })
      tell(operation, outcome, cuts.length)
    }
  }
  console.log(tableOf(names, cuts))
  console.log(`The seed was ${seed}. ${image.versions.join(', ')}`)
  return isGood(names, cuts, rounds) ? 0 : 1
}

/** The first cut comes when the operation is done: so it is known how long it takes, and that what it said outlives the cut. */
async function* cutsIn(operation: Operation, draw: { readonly rounds: number; readonly seed: number }, frozen: Frozen) {
  const whole = await cutDuring(operation, { is: 'done' }, frozen)
  yield whole
  // It failed before it was done, so nobody knows how long it takes.
  if (whole.momentMs === 0) return
  const moments = momentsOf(operation.name, { seed: draw.seed, rounds: draw.rounds - 1, lengthMs: whole.momentMs })
  for (const ms of moments) {
    const when: When = { is: 'after', ms }
    yield await cutDuring(operation, when, frozen)
  }
}

function tell({ name }: Operation, { momentMs, verdict, log }: Outcome, number: number): void {
  const isBad = verdict.failures.length > 0
  const file = join(CACHE, `power-${name}-${number}.log`)
  if (isBad) writeFileSync(file, `${[...log, ...verdict.failures].join('\n')}\n`)
  else rmSync(file, { force: true })
  const what = isBad ? `FAILED, see ${file}\n  ${verdict.failures.join('\n  ')}` : `${verdict.served} serves`
  say(`${name}: cut after ${momentMs} ms: ${what}`)
}

function readChoice(): Choice | undefined {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, rounds: { type: 'string' }, seed: { type: 'string' } },
  })
  const names = values.only?.split(',')
  const operations = OPERATIONS.filter(({ name }) => names === undefined || names.includes(name))
  const [rounds, seed] = [Number(values.rounds ?? 30), Number(values.seed ?? randomInt(1_000_000))]
  const isKnown = names === undefined || operations.length === new Set(names).size
  return isKnown && Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed) ? { operations, rounds, seed } : undefined
}
