import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { SlotReport } from '../../../src/control/protocol.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import type { TopPlugin } from '../../../src/metrics/top/top.ts'
import { reasonText } from '../../../src/worker/reason.ts'
import { startLoad } from '../../load/client.ts'
import { GENERAL } from '../make-plugin.ts'
import { newWorld, untilNginxIsCalm, type World, writeFile } from '../world.ts'

const PER_SECOND = 20
const KEPT_MB = { soft: 70, hard: 150 }

/** What a request makes it keep stays with it. */
const GREEDY = `
import subprocess
kept = []
def app(environ, start_response):
    if environ["PATH_INFO"].endswith("/soft"): kept.append(bytearray(${KEPT_MB.soft} << 20))
    if environ["PATH_INFO"].endswith("/hard"): kept.append(bytearray(${KEPT_MB.hard} << 20))
    if environ["PATH_INFO"].endswith("/fork"): kept.extend(subprocess.Popen(["sleep", "600"]) for _ in range(30))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"well"]
`

describe('a worker that takes more than it may', () => {
  let world: World
  before(async () => {
    world = await newWorld()
    await world.start()
    const limits = 'memory_high=60M\nmemory_max=130M\ntasks_max=25\n'
    for (const [name, bounds] of [['greedy', limits] as const, ['neighbour', ''] as const]) {
      const home = join(world.home, 'sources', name)
      writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
      writeFile(join(home, 'config.ini'), `${GENERAL}[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:app\nworkers=1\n${bounds}`)
      writeFile(join(home, 'main/wsgi.py'), GREEDY)
      symlinkSync(home, join(pathsOf(world.home).plugins, name))
    }
    await world.until('both serve', ({ plugins }) => plugins.length === 2 && plugins.every(({ state }) => state === 'serving'))
    await untilNginxIsCalm(world)
  })
  after(() => world.end())

  for (const [path, what, said] of [
    [
      'hard',
      'of memory is killed and started again',
      /^it was killed: it had 1\d\d MB of memory, over its limit of 130 MB \(memory_max\)$/,
    ],
    [
      'fork',
      'of processes is killed with all of them',
      /^it was killed: it had \d\d processes and threads, over its limit of 25 \(tasks_max\)$/,
    ],
    [
      'soft',
      'of memory for a while goes on until another one has taken its place, and no request of its own fails',
      /^it was replaced: it had \d\d MB of memory, over its limit of 60 MB \(memory_high\)$/,
    ],
  ] as const) {
    test(`${what}, its neighbour notices nothing, and the status says why`, async () => {
      const before = await slot()
      const paths = path === 'soft' ? ['/neighbour', '/greedy'] : ['/neighbour']
      const load = startLoad({ url: world.url, paths, perSecond: PER_SECOND, connections: 'mixed' })
      await fetch(`${world.url}/greedy/${path}`).catch(() => undefined)
      await world.until('another worker is there', ({ plugins }) => {
        const [now] = plugins.find(({ name }) => name === 'greedy')?.apps[0]?.slots ?? []
        return now !== undefined && now.pid !== null && now.generation > before.generation
      })
      await load.further(PER_SECOND / 2)
      const sent = await load.stop()
      assert.deepEqual(
        sent.filter(({ outcome }) => outcome !== 200),
        [],
      )
      const { lastRestart } = await slot()
      assert.match(lastRestart?.reason === undefined ? '' : reasonText(lastRestart.reason), said)
    })
  }

  test('is shown by plugins.top with its memory, and what it and its neighbour have answered', async () => {
    const load = startLoad({ url: world.url, paths: ['/neighbour', '/greedy'], perSecond: PER_SECOND, connections: 'mixed' })
    await load.further(PER_SECOND)
    const { stdout } = await world.must('plugins.top', ['--json'])
    await load.stop()
    const top: readonly TopPlugin[] = JSON.parse(stdout)
    assert.deepEqual(top.map(({ plugin }) => plugin).sort(), ['greedy', 'neighbour'])
    for (const { plugin, memoryBytes, requestsPerSecond, p99Ms, workers } of top) {
      const [worker] = workers
      assert.ok(worker !== undefined && worker.memoryBytes > 1 << 20 && memoryBytes === worker.memoryBytes, plugin)
      assert.ok(
        requestsPerSecond > 0 && p99Ms !== null && worker.requestsPerSecond > 0,
        `${plugin} ${requestsPerSecond} ${p99Ms}`,
      )
    }
    const log = readFileSync(join(world.home, 'log/mfserv.log'), 'utf8')
    assert.match(log, /greedy\/main#1\.g\d+ gets a successor: it was replaced: it had \d\d MB of memory/)
    const text = await world.must('mfserv.status')
    assert.match(text.stdout, /^ {2}limits {3}watched by mfserv, because .+\n {11}\S/m)
  })

  async function slot(): Promise<SlotReport> {
    return (await world.plugin('greedy')).apps[0]?.slots[0] ?? assert.fail('it has no slot')
  }
})
