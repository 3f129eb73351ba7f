import { spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineSplitter } from '../../src/host/logs/log-bytes.ts'
import { LogCursor } from '../../src/host/logs/log-cursor.ts'
import { effortOf } from '../../src/host/process/proc.ts'
import { CLONE } from '../system/world.ts'
import { Sequence } from './sequence.ts'

/** What became of the numbered lines of a plugin. */
export interface Watched {
  /** Read at the log itself, over its rotations. */
  readonly read: Sequence
  /** Shown by `mfserv logs -f`. */
  readonly followed: Sequence
  /** How often that said that it left something out. */
  readonly told: number
  readonly followerMb: number
  /** Of the follower, and of this process. */
  readonly cpuSeconds: number
  readonly rotations: number
  readonly mostMb: number
}

const LOOK_MS = 50
/** Of /proc, on every Linux that Debian has. */
const TICKS_PER_SECOND = 100
/** So many looks without a new byte: all is read. The follower looks five times a second. */
const QUIET_LOOKS = 60

const [home = '', plugin = ''] = process.argv.slice(2)
const directory = join(home, 'log')
const name = `app_${plugin}_main.log`
const read = new Sequence()
const cursor = new LogCursor({ directory, name })
const lines = new LineSplitter()
const copies = new Set<string>()
let mostMb = 0
let isOver = false
process.once('message', () => {
  isOver = true
})

const follower = follow()
process.send?.('watching')
for (let quiet = 0; !isOver || quiet < QUIET_LOOKS; ) {
  const bytes = look()
  quiet = bytes === 0 ? quiet + 1 : 0
  if (bytes < 1 << 20) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}
const { user, system } = process.cpuUsage()
const { followerSeconds, ...followed } = await follower.end()
const cpuSeconds = followerSeconds + (user + system) / 1e6
const watched: Watched = { read, rotations: copies.size - 1, mostMb, cpuSeconds, ...followed }
process.send?.(watched, () => process.exit())

/** Answers how many bytes were new. */
function look(): number {
  const piece = cursor.read(4 << 20)
  for (const line of lines.take(piece)) read.take(line)
  const files = readdirSync(directory).filter((one) => one.startsWith(name))
  for (const one of files) copies.add(one)
  const sizes = files.map((one) => lstatSync(join(directory, one), { throwIfNoEntry: false })?.size ?? 0)
  mostMb = Math.max(mostMb, sizes.reduce((sum, size) => sum + size, 0) / 1e6)
  return piece.length
}

function follow() {
  const child = spawn(join(CLONE, 'bin/mfserv'), ['logs', plugin, '-f', '-n', '0'], {
    env: { ...process.env, MFMODULE_RUNTIME_HOME: home },
  })
  const followed = new Sequence()
  const shown = new LineSplitter()
  let told = 0
  let followerMb = 0
  let followerSeconds = 0
  child.stdout.on('data', (piece: Buffer) => {
    for (const line of shown.take(piece)) if (line.includes('xxxx')) followed.take(line.slice(line.indexOf('xxxx') - 11))
  })
  child.stderr.on('data', (piece: Buffer) => {
    told += piece.toString().split('left out').length - 1
  })
  const timer = setInterval(() => {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(statusOf(child.pid))
    followerMb = Math.max(followerMb, (Number(found?.[1] ?? 0) * 1024) / 1e6)
    const [, , , , userTicks, systemTicks] = child.pid === undefined ? [] : effortOf(child.pid).split(' ').map(Number)
    followerSeconds = Math.max(followerSeconds, ((userTicks ?? 0) + (systemTicks ?? 0)) / TICKS_PER_SECOND)
  }, 1000)
  const end = async () => {
    clearInterval(timer)
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.kill('SIGINT')
    await ended
    return { followed, told, followerMb, followerSeconds }
  }
  return { end }
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    // It has ended.
    return ''
  }
}
