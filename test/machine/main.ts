import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import { boot, consoleOf, type Guest } from './guest.ts'
import { CACHE, CLONE, ensureImage, type Image, SUITES, type Suite } from './image.ts'
import { whyNotHere } from './needs.ts'
import { OFFLINE_STEPS } from './offline.ts'
import { parcelFor } from './parcel.ts'
import { goOn, STEPS, type Step } from './steps.ts'

const USAGE = `Usage: node test/machine/main.ts [--only SUITE/USER]... [--keep] [--resume]
Runs the first minutes of a new user in virtual machines: ${SUITES.join(', ')} × root, user; and as "offline" those of a package on
a machine without a network. What is tested is the last commit.
  --only SUITE/USER   this cell alone: --only trixie/user
  --keep              keep the disk of each machine in ${CACHE}
  --resume            go on with a kept disk, at the first step that has not passed`

/** The first row of the table. */
const BOOT = 'boot'
const USERS = ['root', 'user', 'offline'] as const

interface Cell {
  readonly suite: Suite
  readonly user: (typeof USERS)[number]
}

/** Each needs a disk with something else, and goes its own way. */
function stepsOf({ user }: Cell): readonly Step[] {
  return user === 'offline' ? OFFLINE_STEPS : STEPS
}

/** What came of each step, in their order; what was not reached is missing. */
type Outcome = { readonly step: string; readonly seconds: number; readonly because?: string }

interface Choice {
  readonly cells: readonly Cell[]
  readonly keep: boolean
  readonly resume: boolean
}

const choice = readChoice()
if (choice === undefined) {
  console.error(USAGE)
  process.exitCode = 1
} else {
  process.exitCode = await main(choice)
}

async function main({ cells, keep, resume }: Choice): Promise<0 | 1> {
  const missing = whyNotHere()
  if (missing !== undefined) {
    console.error(missing)
    return 1
  }
  // No machine outlives the test.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
  mkdirSync(CACHE, { recursive: true })
  const outcomes = new Map<Cell, readonly Outcome[]>()
  const told = new Set<string>()
  // One machine at a time: each of them keeps two processors busy.
  for (const cell of cells) {
    const isServer = cell.user === 'offline'
    const image = ensureImage(cell.suite, isServer ? 'server' : 'developer', say)
    told.add(`${cell.suite}${isServer ? ' offline' : ''}: ${image.versions.join(', ')}`)
    const tar = isServer ? parcelFor(cell.suite, say) : packClone()
    outcomes.set(cell, await runCell(cell, image, { tar, keep, resume }))
  }
  console.log(table(cells, outcomes))
  for (const line of told) console.log(line)
  const isGood = [...outcomes].every(([cell, steps]) => steps.length === stepsOf(cell).length + 1 && steps.every(hasPassed))
  return isGood ? 0 : 1
}

interface Ways {
  readonly tar: string
  readonly keep: boolean
  readonly resume: boolean
}

async function runCell(cell: Cell, image: Image, { tar, keep, resume }: Ways): Promise<readonly Outcome[]> {
  const name = `${cell.suite}-${cell.user}`
  const disk = join(CACHE, `${name}.qcow2`)
  const log = join(CACHE, `${name}.log`)
  const passedFile = `${disk}.passed`
  const passed: Outcome[] = resume && existsSync(disk) ? JSON.parse(readFileSync(passedFile, 'utf8')) : []
  if (passed.length === 0) for (const file of [disk, passedFile, log]) rmSync(file, { force: true })
  const outcomes: Outcome[] = passed.filter(({ step }) => step !== BOOT)
  let guest: Guest | undefined
  const attempt = async (step: string, run: () => Promise<void>): Promise<boolean> => {
    say(`${name}: ${step}`)
    const began = performance.now()
    const because = await failureOf(run)
    const seconds = (performance.now() - began) / 1000
    outcomes.push({ step, seconds, ...(because === undefined ? {} : { because }) })
    say(
      `${name}: ${step} ${because === undefined ? 'ok' : 'FAILED'} (${seconds.toFixed(0)} s)${because === undefined ? '' : `\n${because}`}`,
    )
    if (because === undefined) writeFileSync(passedFile, JSON.stringify(outcomes))
    return because === undefined
  }
  try {
    const port = await freePort()
    const net = cell.user === 'offline' ? {} : { port }
    const isUp = await attempt(BOOT, async () => {
      guest = await boot({ image, disk, tar, ...net, say: (line) => appendFileSync(log, `${line}\n`) })
    })
    if (!isUp) say(consoleOf(disk))
    const user = cell.user === 'root' ? 'root' : 'user'
    const on = guest === undefined ? undefined : { guest, user, port }
    if (on !== undefined && passed.some(({ step }) => step === 'make run')) await goOn(on)
    for (const step of stepsOf(cell).slice(passed.filter(({ step }) => step !== BOOT).length)) {
      if (on === undefined || !(await attempt(step.name, () => step.run(on)))) break
    }
    if (keep) await guest?.powerOff()
  } finally {
    await guest?.cut()
    if (!keep)
      for (const file of [disk, passedFile, `${disk}.console`, `${disk}.agent`, `${disk}.monitor`]) rmSync(file, { force: true })
  }
  return outcomes
}

/** The last commit without its history, as a bundle that can be cloned, in a tar that a machine reads as a disk. */
function packClone(): string {
  const [bundle, tar] = [join(CACHE, 'mfserv.bundle'), join(CACHE, 'mfserv.tar')]
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: CLONE, encoding: 'utf8' }).trim()
  const commit = git('commit-tree', 'HEAD^{tree}', '-m', git('log', '-1', '--format=%s'))
  git('branch', '--quiet', '--force', 'machine', commit)
  try {
    git('bundle', 'create', '--quiet', bundle, 'machine')
  } finally {
    git('branch', '--quiet', '-D', 'machine')
  }
  execFileSync('tar', ['-cf', tar, '-C', CACHE, 'mfserv.bundle'])
  rmSync(bundle)
  return tar
}

async function failureOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function table(cells: readonly Cell[], outcomes: ReadonlyMap<Cell, readonly Outcome[]>): string {
  const steps = new Set(cells.flatMap((cell) => stepsOf(cell).map(({ name }) => name)))
  const rows = [BOOT, ...steps].map((step) => [
    step,
    ...cells.map((cell) => {
      if (step !== BOOT && !stepsOf(cell).some(({ name }) => name === step)) return ''
      const outcome = outcomes.get(cell)?.find((one) => one.step === step)
      if (outcome === undefined) return 'not reached'
      return `${hasPassed(outcome) ? 'ok' : 'FAILED'} ${outcome.seconds.toFixed(0)} s`
    }),
  ])
  return box({ title: 'A fresh machine', head: ['step', ...cells.map(({ suite, user }) => `${suite} ${user}`)], rows })
}

function hasPassed({ because }: Outcome): boolean {
  return because === undefined
}

function readChoice(): Choice | undefined {
  const all = SUITES.flatMap((suite) => USERS.map((user): Cell => ({ suite, user })))
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string', multiple: true }, keep: { type: 'boolean' }, resume: { type: 'boolean' } },
    })
    const cells = all.filter(({ suite, user }) => values.only === undefined || values.only.includes(`${suite}/${user}`))
    return cells.length === 0 ? undefined : { cells, keep: values.keep ?? false, resume: values.resume ?? false }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
