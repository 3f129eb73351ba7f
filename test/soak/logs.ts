import { fork } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { box } from '../../src/cli/table.ts'
import { type Sent, startLoad } from '../load/client.ts'
import { bootstrap, newWorld, type World, writeFile } from '../system/world.ts'
import { daemonResources } from './resources.ts'
import type { Watched } from './watch-logs.ts'

const USAGE = `Usage: node test/soak/logs.ts [--minutes N]
A plugin writes 20 MB of log a second for N minutes (10), numbered, while its neighbour is asked and "mfserv logs -f" follows.
Exit code 1 when a line was lost or is there twice, when the logs outgrew their bounds, when the follower left out lines without a
word, or when the neighbour's p99 rose by more than 50 ms.`

const CHATTY = 'chatty'
const NEIGHBOUR = 'quiet'
const BYTES_PER_SECOND = 20_000_000
const FILE_MB = 20
const PLUGIN_MB = 150
const LOGS = `\n[log]\nmax_size_before_rotation = ${FILE_MB}000000\nnumber_of_rotated_files = 20\nmax_size_per_plugin = ${PLUGIN_MB}000000\n`
/** A look at the sizes comes once a second, one at their sum every ten. */
const MOST_MB = PLUGIN_MB + (11 * BYTES_PER_SECOND) / 1e6 + FILE_MB
const BEFORE_SECONDS = 30
const P99_MARGIN_MS = 50
const PER_SECOND = 50

const FLOODING = `import os, sys, threading, time

LINES = 200
REST = b" " + b"x" * 88 + b"\\n"

def flood():
    number = 0
    while not os.path.exists("flood"):
        time.sleep(0.1)
    began = time.monotonic()
    while os.path.exists("flood"):
        os.write(1, b"".join(b"%010d" % n + REST for n in range(number, number + LINES)))
        number += LINES
        ahead = number * 100 / ${BYTES_PER_SECOND} - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)
    open("written", "w").write(str(number))

threading.Thread(target=flood, daemon=True).start()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello"]
`

const minutes = minutesAsked()
if (minutes === undefined) {
  console.error(USAGE)
  process.exitCode = 1
} else process.exitCode = await soak(minutes)

function minutesAsked(): number | undefined {
  try {
    const asked = Number(parseArgs({ options: { minutes: { type: 'string' } } }).values.minutes ?? 10)
    return asked > 0 && Number.isFinite(asked) ? asked : undefined
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

async function soak(long: number): Promise<0 | 1> {
  const world = await newWorld(LOGS)
  try {
    const home = await plugins(world)
    const before = await askFor(world, BEFORE_SECONDS)
    console.log(`before: p99 ${before.p99.toFixed(1)} ms; the flood of ${long} minutes begins`)
    const during = await flooded(world, home, long)
    const rows = [
      ['lines read at the log, over its rotations', String(during.read.count)],
      ['lost, twice or torn', `${during.read.missing}, ${during.read.again}, ${during.read.torn}`],
      ['rotations', String(during.rotations)],
      ['logs of the plugin at most', `${during.mostMb.toFixed(0)} MB, of ${MOST_MB.toFixed(0)}`],
      ['"mfserv logs -f" showed', `${during.followed.count} lines`],
      ['it left out, and said so', `${during.followed.missing} lines in ${during.told} messages`],
      ["the neighbour's p99 before and during", `${before.p99.toFixed(1)} and ${during.p99.toFixed(1)} ms`],
      ["the neighbour's requests that failed", `${before.failed + during.failed} of ${before.count + during.count}`],
      ['load of the machine at the end', loadavg()[0]?.toFixed(1) ?? ''],
      ['memory of the daemon', `${during.daemonMb.toFixed(0)} MB`],
      ['memory of "mfserv logs -f" at most', `${during.followerMb.toFixed(0)} MB`],
    ]
    console.log(box({ title: `Logs, ${long} minutes of ${BYTES_PER_SECOND / 1e6} MB/s`, rows }))
    const { read, followed, told } = during
    const isWhole = read.count > 0 && read.missing + read.again + read.torn === 0
    const isTold = followed.count > 0 && followed.again === 0 && (followed.missing === 0 || told > 0)
    const isCalm = during.p99 <= before.p99 + P99_MARGIN_MS && before.failed + during.failed === 0
    return isWhole && isTold && isCalm && during.mostMb <= MOST_MB ? 0 : 1
  } finally {
    await world.end()
  }
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
  return asked(await load.stop())
}

function asked(sent: readonly Sent[]): Asked {
  const took = sent.map(({ began, ended }) => ended - began).sort((one, other) => one - other)
  const failed = sent.filter(({ outcome }) => outcome !== 200).length
  return { count: sent.length, failed, p99: took[Math.floor(took.length * 0.99)] ?? 0 }
}

async function flooded(world: World, home: string, long: number) {
  // What reads so much would hold up the client whose requests are measured.
  const watching = fork(join(import.meta.dirname, 'watch-logs.ts'), [world.home, CHATTY])
  await new Promise((resolve) => watching.once('message', resolve))
  const load = startLoad({ url: world.url, paths: [`/${NEIGHBOUR}`], perSecond: PER_SECOND, connections: 'mixed' })
  writeFile(join(home, 'flood'), '')
  await new Promise((resolve) => setTimeout(resolve, long * 60_000))
  const sent = asked(await load.stop())
  rmSync(join(home, 'flood'))
  const { rssMb: daemonMb } = await daemonResources(world)
  const watched = new Promise<Watched>((resolve) => watching.once('message', (told) => resolve(told as Watched)))
  watching.send('the flood has ended')
  return { ...sent, ...(await watched), daemonMb }
}
