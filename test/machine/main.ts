import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import type { Bench } from './bench.ts'
import { type Cell, howTo, WAYS, type Way } from './cells.ts'
import { bootContainer, CONTAINER_PORT, removeLayer } from './container.ts'
import { boot, consoleOf, type Guest } from './guest.ts'
import { CACHE, ensureImage, type Image, SUITES } from './image.ts'
import { inMachines, say } from './needs.ts'

const USAGE = `Usage: node test/machine/main.ts [--only SUITE/WAY]... [--container | --keep | --resume]
Runs in virtual machines, each with ${SUITES.join(' and ')}: as "root" and as "user" the first minutes of a new user; as "offline"
those of a package on a machine without a network; as "service" what an administrator does with a service of systemd, as
"user-service" an ordinary user with one of his own; as "restore" a backup that another machine is made from; as "front" what the
nginx of that Debian knows of HTTP/2 and HTTP/3. What is tested is the last commit.
  --only SUITE/WAY   this cell alone: --only trixie/user
  --container        in containers with the same Debian and its systemd: at the speed of this machine, and with its kernel
  --keep             keep the disk of each machine in ${CACHE}
  --resume           go on with a kept disk, at the first step that has not passed`

const CARRIED_BYTES = 256 << 20

/** The first row of the table. */
const BOOT = 'boot'

/** What came of each step, in their order; what was not reached is missing. */
type Outcome = { readonly step: string; readonly seconds: number; readonly because?: string }

interface Choice {
  readonly cells: readonly Cell[]
  readonly inContainers: boolean
  readonly keep: boolean
  readonly resume: boolean
}

await inMachines(USAGE, readChoice, main)

async function main({ cells, inContainers, keep, resume }: Choice): Promise<0 | 1> {
  const outcomes = new Map<Cell, readonly Outcome[]>()
  const told = new Set<string>()
  // One machine at a time: each of them keeps two processors busy.
  for (const cell of cells) {
    const { kind, tar } = howTo(cell)
    const image = ensureImage(cell.suite, kind, say)
    told.add(`${cell.suite}${kind === 'server' ? ' server' : ''}: ${image.versions.join(', ')}`)
    const tell = (seen: string): void => void told.add(`${nameOf(cell)}: ${seen}`)
    outcomes.set(cell, await runCell(cell, image, { tar: tar(cell.suite, say), inContainers, keep, resume, tell }))
  }
  console.log(table(cells, outcomes))
  for (const line of told) console.log(line)
  const isGood = [...outcomes].every(([cell, steps]) => steps.length === howTo(cell).steps.length + 1 && steps.every(hasPassed))
  return isGood ? 0 : 1
}

interface Ways {
  readonly tar: string
  readonly inContainers: boolean
  readonly keep: boolean
  readonly resume: boolean
  readonly tell: (seen: string) => void
}

async function runCell(cell: Cell, image: Image, { tar, inContainers, keep, resume, tell }: Ways): Promise<readonly Outcome[]> {
  const { hasNetwork, carries, login, steps, goOn } = howTo(cell)
  const name = `${cell.suite}-${cell.way}`
  const disk = join(CACHE, `${name}.qcow2`)
  const log = join(CACHE, `${name}.log`)
  const passedFile = `${disk}.passed`
  const carried = `${disk}.carried`
  const passed: Outcome[] = resume && existsSync(disk) ? JSON.parse(readFileSync(passedFile, 'utf8')) : []
  if (passed.length === 0) for (const file of [disk, passedFile, carried, log]) rmSync(file, { force: true })
  if (carries === true && !existsSync(carried)) makeEmpty(carried)
  const outcomes: Outcome[] = passed.filter(({ step }) => step !== BOOT)
  const left = steps.slice(outcomes.length)
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
    const port = inContainers ? CONTAINER_PORT : await freePort()
    const given = { ...(carries === true ? { carried } : {}), ...(hasNetwork ? { port } : {}) }
    const begin = inContainers ? bootContainer : boot
    const switchOn = (): Promise<Guest> => begin({ image, disk, tar, ...given, say: (line) => appendFileSync(log, `${line}\n`) })
    const isUp = await attempt(BOOT, async () => {
      guest = await switchOn()
    })
    if (!isUp) say(consoleOf(disk))
    const on: Bench = {
      get guest() {
        if (guest === undefined) throw new Error('no machine runs')
        return guest
      },
      another: async () => {
        await guest?.powerOff()
        removeLayer(disk)
        for (const file of [disk, `${disk}.console`]) rmSync(file, { force: true })
        guest = await switchOn()
      },
      user: login,
      port,
      isEmulated: !inContainers,
      tell,
    }
    if (isUp && goOn !== undefined && passed.some(({ step }) => step === goOn.after)) await goOn.run(on)
    for (const step of left) {
      if (!isUp || !(await attempt(step.name, () => step.run(on)))) break
    }
    if (keep) await guest?.powerOff()
  } finally {
    await guest?.cut()
    removeLayer(disk)
    const left = [disk, passedFile, carried, `${disk}.console`, `${disk}.agent`, `${disk}.monitor`]
    if (!keep) for (const file of left) rmSync(file, { force: true })
  }
  return outcomes
}

/** As a disk out of the box: it takes as much room as is written to it. */
function makeEmpty(disk: string): void {
  writeFileSync(disk, '')
  truncateSync(disk, CARRIED_BYTES)
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
  const steps = new Set(cells.flatMap((cell) => howTo(cell).steps.map(({ name }) => name)))
  const rows = [BOOT, ...steps].map((step) => [
    step,
    ...cells.map((cell) => {
      if (step !== BOOT && !howTo(cell).steps.some(({ name }) => name === step)) return ''
      const outcome = outcomes.get(cell)?.find((one) => one.step === step)
      if (outcome === undefined) return 'not reached'
      return `${hasPassed(outcome) ? 'ok' : 'FAILED'} ${outcome.seconds.toFixed(0)} s`
    }),
  ])
  return box({ title: 'A fresh machine', head: ['step', ...cells.map(nameOf)], rows })
}

function nameOf({ suite, way }: Cell): string {
  return `${suite} ${way}`
}

function hasPassed({ because }: Outcome): boolean {
  return because === undefined
}

function readChoice(): Choice | undefined {
  const ways = Object.keys(WAYS) as readonly Way[]
  const all = SUITES.flatMap((suite) => ways.map((way): Cell => ({ suite, way })))
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      container: { type: 'boolean' },
      keep: { type: 'boolean' },
      resume: { type: 'boolean' },
    },
  })
  const cells = all.filter(({ suite, way }) => values.only === undefined || values.only.includes(`${suite}/${way}`))
  const { container: inContainers = false, keep = false, resume = false } = values
  // The layer of a container is no disk that could be gone on with.
  if (cells.length === 0 || (inContainers && (keep || resume))) return undefined
  return { cells, inContainers, keep, resume }
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
