import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { randomFrom } from '../../soak/random.ts'
import { CACHE } from '../image.ts'
import { type Frozen, goOn } from './machine.ts'
import type { Cut, Timeline } from './moments.ts'
import type { Operation } from './operations.ts'
import { HOME } from './places.ts'
import { type LoggedWrite, readWriteLog, survivors } from './write-log.ts'

/** One run of an operation that nothing cut, and all that the machine asked of its disk meanwhile. */
export interface Recording extends Timeline {
  /** Made from the machine, the operation and this file. */
  readonly of: string
  /** How often the cron job had begun before the operation. */
  readonly ticksBefore: number
  readonly log: string
  readonly writes: readonly LoggedWrite[]
}

/** So long the recording goes on when the operation is done: what it left in the memory of the machine gets to the disk later. */
const AFTER_MS = 8000
const LOOK_MS = 10

/** Of the same machine and the same operation it is made once, and kept. */
export async function recordingOf(operation: Operation, frozen: Frozen, say: (line: string) => void): Promise<Recording> {
  const log = join(CACHE, `power-${operation.name}.writes`)
  const file = `${log}.json`
  const own = readFileSync(join(import.meta.dirname, 'recording.ts'))
  const { user, prepare, script } = operation
  const of = createHash('sha256')
    .update(frozen.of)
    .update(JSON.stringify([user, prepare, script]))
    .update(own)
    .digest('hex')
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  if (kept?.of === of) return { ...kept, log, writes: readWriteLog(log) }
  say(`Recording ${operation.name}`)
  rmSync(file, { force: true })
  writeFileSync(log, '')
  const found = await record(operation, frozen, log, (line) => say(`  ${line}`))
  writeFileSync(file, JSON.stringify({ of, ...found }))
  return { of, ...found, log, writes: readWriteLog(log) }
}

async function record(
  { name, user, prepare, script }: Operation,
  frozen: Frozen,
  log: string,
  say: (line: string) => void,
): Promise<Timeline & { readonly ticksBefore: number }> {
  const guest = await goOn(frozen, log, say)
  const must = async (who: string, what: string): Promise<string> => {
    const { code, output } = await guest.run(who, what)
    if (code !== 0) throw new Error(`${name}: it ended with code ${code}: ${what}\n${output}`)
    return output
  }
  try {
    if (prepare !== undefined) await must(user, prepare)
    const ticksBefore = Number((await must('root', `wc -l <${HOME}/var/data/site/ticks`)).trim())
    const growth: [number, number][] = [[0, statSync(log).size]]
    const began = performance.now()
    const look = setInterval(() => {
      const { size } = statSync(log)
      if (size !== growth.at(-1)?.[1]) growth.push([Math.round(performance.now() - began), size])
    }, LOOK_MS)
    try {
      await must(user, script)
      const lengthMs = Math.round(performance.now() - began)
      await delay(AFTER_MS)
      return { lengthMs, growth, ticksBefore }
    } finally {
      clearInterval(look)
    }
  } finally {
    await guest.cut()
  }
}

/** The disk as a cut at this moment left it, as a file. */
export function diskAfter({ writes, log }: Recording, { at, seed }: Cut, frozen: Frozen, file: string): void {
  execFileSync('cp', ['--sparse=always', frozen.image.disk, file])
  const [from, to] = [openSync(log, 'r'), openSync(file, 'r+')]
  try {
    for (const write of survivors(
      writes.filter(({ end }) => end <= at),
      randomFrom(seed),
    )) {
      const data = Buffer.alloc(write.bytes)
      readSync(from, data, 0, write.bytes, write.from)
      writeSync(to, data, 0, write.bytes, write.to)
    }
  } finally {
    closeSync(from)
    closeSync(to)
  }
}
