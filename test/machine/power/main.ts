import { randomInt } from 'node:crypto'
import { existsSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CACHE, ensureImage } from '../image.ts'
import { inMachines, say } from '../needs.ts'
import { makePackage } from '../parcel.ts'
import { type Outcome, tryCut, type Where } from './cut.ts'
import { type Frozen, frozenMachine } from './machine.ts'
import { type Cut, cutAtEnd, cutsOf } from './moments.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { DISK, ROOT } from './places.ts'
import { recordingOf } from './recording.ts'
import { isKept, keep, keptOf } from './results.ts'
import { makeStock } from './stock.ts'
import { isGood, tableOf } from './table.ts'

const USAGE = `Usage: make test-power [ONLY=NAME,NAME] [ROUNDS=N] [MACHINES=N] [SEED=N] [PACKAGE=FILE]
Cuts the power of a virtual machine at random moments of ${OPERATIONS.map(({ name }) => name).join(', ')}, and looks at what the
next boot serves. What is tested is the last commit. What was tried of the same package counts.
  ONLY=NAME,NAME   these operations alone
  ROUNDS=N         cuts in each (by default 30); the first comes when the operation is done
  MACHINES=N       so many of them are booted in the virtual machine (by default none), the others in a container
  SEED=N           the moments of an earlier run; those that were tried then are not tried again
  PACKAGE=FILE     this .deb instead of the last commit's`

interface Choice {
  readonly operations: readonly Operation[]
  readonly rounds: number
  readonly machines: number
  readonly seed: number
  readonly deb: string | undefined
}

await inMachines(USAGE, readChoice, main)

async function main(choice: Choice): Promise<0 | 1> {
  const { operations, rounds, seed } = choice
  process.once('exit', () => {
    rmSync(DISK, { force: true })
    rmSync(`${DISK}.layer`, { recursive: true, force: true })
    if (existsSync(ROOT)) rmdirSync(ROOT)
  })
  say(`The seed is ${seed}`)
  const image = ensureImage('trixie', 'server', say)
  const frozen = await frozenMachine(image, makeStock(choice.deb ?? makePackage(say), say), say)
  const recordings: string[] = []
  for (const operation of operations) recordings.push(await tryAll(operation, choice, frozen))
  const names = operations.map(({ name }) => name)
  const tried = keptOf(recordings)
  console.log(tableOf(names, tried))
  console.log(`The seed was ${seed}. ${image.versions.join(', ')}`)
  return isGood(names, tried, rounds) ? 0 : 1
}

/** Answers which recording it was tried with. */
async function tryAll(operation: Operation, { rounds, machines, seed }: Choice, frozen: Frozen): Promise<string> {
  const recording = await recordingOf(operation, frozen, say)
  const cuts = [cutAtEnd(recording, seed), ...cutsOf(operation.name, recording, { seed, rounds: rounds - 1 })]
  const { of } = recording
  for (const [index, cut] of cuts.entries()) {
    const where: Where = index < machines ? 'machine' : 'container'
    if (isKept(keptOf([of]), { of, seed: cut.seed, where })) continue
    const outcome = await tryCut(operation, cut, where, { frozen, recording })
    keep({ of, seed: cut.seed, operation: operation.name, where, momentMs: cut.ms, verdict: outcome.verdict })
    tell(operation, { cut, where, outcome })
  }
  return of
}

function tell({ name }: Operation, { cut, where, outcome }: { cut: Cut; where: Where; outcome: Outcome }): void {
  const { verdict, seconds, log } = outcome
  const isBad = verdict.failures.length > 0
  const file = join(CACHE, `power-${name}-${cut.seed}.log`)
  if (isBad) writeFileSync(file, `${[...log, ...verdict.failures].join('\n')}\n`)
  else rmSync(file, { force: true })
  const what = isBad ? `FAILED, see ${file}\n  ${verdict.failures.join('\n  ')}` : `${verdict.served} serves`
  say(`${name}: cut after ${cut.ms} ms, booted and looked at in ${seconds} s (${where}): ${what}`)
}

function readChoice(): Choice | undefined {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { only: text, rounds: text, machines: text, seed: text, package: text } })
  const names = values.only?.split(',')
  const operations = OPERATIONS.filter(({ name }) => names === undefined || names.includes(name))
  const [rounds, seed] = [Number(values.rounds ?? 30), Number(values.seed ?? randomInt(1_000_000))]
  const machines = Number(values.machines ?? 0)
  const isKnown = names === undefined || operations.length === new Set(names).size
  const isRight = [rounds, machines, seed].every((number) => Number.isInteger(number) && number >= 0) && rounds > 0
  return isKnown && isRight ? { operations, rounds, machines, seed, deb: values.package } : undefined
}
