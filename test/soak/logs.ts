import { fork, spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import { type Sent, startLoad } from '../load/client.ts'
import { bootstrap, newWorld, type World, writeFile } from '../system/world.ts'
import { daemonResources, logsOf } from './resources.ts'
import type { Watched } from './watch-logs.ts'

const USAGE = `Usage: node test/soak/logs.ts [--minutes N] [--read-minutes M]
A plugin writes 20 MB of log a second for N minutes (10) while its neighbour is asked; then for M minutes (as many) while "mfserv logs -f"
follows and another program reads, and each line is counted. What the readers cost the neighbour is compared with a program that only
computes for as long as they did.
Exit code 1 when a line was lost or is there twice, when the logs outgrew their bounds, when the follower left out lines without a
word, when a request of the neighbour failed, or when its p99 rose by more than a fifth and half a millisecond.`

const CHATTY = 'chatty'
const NEIGHBOUR = 'quiet'
const BYTES_PER_SECOND = 20_000_000
const FILE_MB = 20
const PLUGIN_MB = 150
const LOGS = `\n[log]\nmax_size_before_rotation = ${FILE_MB}000000\nnumber_of_rotated_files = 20\nmax_size_per_plugin = ${PLUGIN_MB}000000\n`
/** A look at the sizes comes once a second, one at their sum every ten. */
const MOST_MB = PLUGIN_MB + (11 * BYTES_PER_SECOND) / 1e6 + FILE_MB
const CALM_SECONDS = 60
/** The first requests after a start find cold caches. */
const WARM_UP_SECONDS = 10
const PER_SECOND = 50
/** A program that computes does so in turns of this length, as a follower does that looks five times a second. */
const TURN_MS = 200

const FLOODING = `import os, sys, threading, time

LINES = 200
REST = b" " + b"x" * 88 + b"\\n"

def flood(number):
    while not os.path.exists("flood"):
        time.sleep(0.1)
    first, began = number, time.monotonic()
    while os.path.exists("flood"):
        os.write(1, b"".join(b"%010d" % n + REST for n in range(number, number + LINES)))
        number += LINES
        ahead = (number - first) * 100 / ${BYTES_PER_SECOND} - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)
    return number

def floods():
    number = 0
    while True:
        number = flood(number)

threading.Thread(target=floods, daemon=True).start()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello"]
`

const asked = minutesAsked()
if (asked === undefined) {
  console.error(USAGE)
  process.exitCode = 1
} else process.exitCode = await soak(asked)

interface Minutes {
  readonly alone: number
  readonly read: number
}

function minutesAsked(): Minutes | undefined {
  try {
    const options = { minutes: { type: 'string' }, 'read-minutes': { type: 'string' } } as const
    const { minutes = '10', 'read-minutes': readMinutes = minutes } = parseArgs({ options }).values
    const [alone, read] = [Number(minutes), Number(readMinutes)]
    return [alone, read].every((one) => one > 0 && Number.isFinite(one)) ? { alone, read } : undefined
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

async function soak(minutes: Minutes): Promise<0 | 1> {
  const world = await newWorld(LOGS)
  try {
    const home = await plugins(world)
    await askFor(world, WARM_UP_SECONDS)
    const calm = told('nothing else', await askFor(world, CALM_SECONDS))
    const alone = told('the flood', await floodedAlone(world, home, minutes.alone))
    const read = told('the flood and its readers', await floodedAndRead(world, home, minutes.read))
    const busy = told('a program that computes', await besideOneThatComputes(world, read.readersShare))
    const failed = [calm, alone, read, busy].map((one) => one.failed).reduce((sum, one) => sum + one)
    const mostMb = Math.max(alone.mostMb, read.mostMb)
    const rows = [
      ["the neighbour's p99 with nothing else", milliseconds(calm)],
      [`during the flood, ${minutes.alone} minutes`, milliseconds(alone)],
      [`during the flood and its readers, ${minutes.read} minutes`, milliseconds(read)],
      [
        'beside a program that only computes as much as they',
        `${milliseconds(busy)}, ${(read.readersShare * 100).toFixed(0)} % of a core`,
      ],
      ["the neighbour's requests that failed", String(failed)],
      ['logs of the plugin at most', `${mostMb.toFixed(0)} MB, of ${MOST_MB.toFixed(0)}`],
      ['lines read at the log, over its rotations', String(read.read.count)],
      ['lost, twice or torn', `${read.read.missing}, ${read.read.again}, ${read.read.torn}`],
      ['rotations meanwhile', String(read.rotations)],
      ['"mfserv logs -f" showed', `${read.followed.count} lines`],
      ['it left out, and said so', `${read.followed.missing} lines in ${read.told} messages`],
      ['load of the machine at the end', loadavg()[0]?.toFixed(1) ?? ''],
      ['memory of the daemon', `${read.daemonMb.toFixed(0)} MB`],
      ['memory of "mfserv logs -f" at most', `${read.followerMb.toFixed(0)} MB`],
    ]
    console.log(box({ title: `Logs at ${BYTES_PER_SECOND / 1e6} MB/s`, rows }))
    const isWhole = read.read.count > 0 && read.read.missing + read.read.again + read.read.torn === 0
    const isTold = read.followed.count > 0 && read.followed.again === 0 && (read.followed.missing === 0 || read.told > 0)
    const isCalm = isUnchanged(calm, alone) && isUnchanged(busy, read) && failed === 0
    return isWhole && isTold && isCalm && mostMb <= MOST_MB ? 0 : 1
  } finally {
    await world.end()
  }
}

function isUnchanged(before: Asked, during: Asked): boolean {
  return during.p99 <= before.p99 * 1.2 + 0.5
}

function told<T extends Asked>(beside: string, one: T): T {
  console.log(`beside ${beside}: p99 ${milliseconds(one)} of ${one.count} requests`)
  return one
}

function milliseconds({ p99 }: Asked): string {
  return `${p99.toFixed(1)} ms`
}

/** Answers the directory of the chatty one. */
async function plugins(world: World): Promise<string> {
  await world.must('mfserv.start')
  const [home = '', neighbour = ''] = [await bootstrap(world, CHATTY, 'default'), await bootstrap(world, NEIGHBOUR, 'default')]
  writeFile(join(home, 'main/wsgi.py'), FLOODING)
  const text = `${home}/config.ini`
  writeFile(text, readFileSync(text, 'utf8').replace(/^workers *=.*$/m, 'workers=1'))
  for (const one of [home, neighbour]) {
    await world.must('mfserv', ['make'], { in: one })
    await world.must('_plugins.release', ['--output-directory', world.home], { in: one })
  }
  for (const name of readdirSync(world.home).filter((one) => one.endsWith('.plugin')))
    await world.must('plugins.install', [join(world.home, name)])
  return join(world.home, 'var/plugins', CHATTY)
}

interface Asked {
  readonly count: number
  readonly failed: number
  readonly p99: number
}

async function askFor(world: World, seconds: number): Promise<Asked> {
  const load = startLoad({ url: world.url, paths: [`/${NEIGHBOUR}`], perSecond: PER_SECOND, connections: 'mixed' })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return measured(await load.stop())
}

function measured(sent: readonly Sent[]): Asked {
  const took = sent.map(({ began, ended }) => ended - began).sort((one, other) => one - other)
  const failed = sent.filter(({ outcome }) => outcome !== 200).length
  return { count: sent.length, failed, p99: took[Math.floor(took.length * 0.99)] ?? 0 }
}

/** Nobody reads. */
async function floodedAlone(world: World, home: string, minutes: number) {
  let mostMb = 0
  const timer = setInterval(() => {
    mostMb = Math.max(mostMb, logsOf(world, CHATTY))
  }, 1000)
  writeFile(join(home, 'flood'), '')
  try {
    return { ...(await askFor(world, minutes * 60)), mostMb }
  } finally {
    clearInterval(timer)
    rmSync(join(home, 'flood'))
  }
}

async function floodedAndRead(world: World, home: string, minutes: number) {
  // What reads so much would hold up the client whose requests are measured.
  const watching = fork(join(import.meta.dirname, 'watch-logs.ts'), [world.home, CHATTY])
  await new Promise((resolve) => watching.once('message', resolve))
  writeFile(join(home, 'flood'), '')
  const sent = await askFor(world, minutes * 60)
  rmSync(join(home, 'flood'))
  const { rssMb: daemonMb } = await daemonResources(world)
  const ended = new Promise<Watched>((resolve) => watching.once('message', (message) => resolve(message as Watched)))
  watching.send('the flood has ended')
  const watched = await ended
  return { ...sent, ...watched, daemonMb, readersShare: watched.cpuSeconds / (minutes * 60) }
}

/** As whoever computes for so large a part of the time, whatever for. */
async function besideOneThatComputes(world: World, share: number): Promise<Asked> {
  const program = `const until = (at) => { while (performance.now() < at); }
    const turn = () => { until(performance.now() + ${Math.min(0.95, share) * TURN_MS}); setTimeout(turn, ${(1 - Math.min(0.95, share)) * TURN_MS}) }
    turn()`
  const computing = spawn(process.execPath, ['-e', program], { stdio: 'inherit' })
  try {
    return await askFor(world, CALM_SECONDS)
  } finally {
    computing.kill()
  }
}
