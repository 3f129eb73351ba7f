import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { processId } from '../../../src/host/process/proc.ts'
import { type Load, startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge, type Kill } from '../../load/verdict.ts'
import {
  bootstrap,
  createPlugin,
  develop,
  edit,
  eventually,
  get,
  IS_SOAK,
  newWorld,
  setKey,
  untilNginxIsCalm,
  type World,
  writeFile,
} from '../world.ts'

const PER_SECOND = IS_SOAK ? 240 : 60
const KILLS = IS_SOAK ? 3 : 2
/** About a second of load before, between and after what happens. */
const SOME = PER_SECOND

let world: World
let wsgi: string
let cafe: string

describe('under a client that never retries', () => {
  before(async () => {
    world = await newWorld()
    await world.start()
    wsgi = await createPlugin(world, 'wsgi', 'default')
    cafe = await createCafe()
    setKey(wsgi, 'workers', '2')
    setKey(cafe, 'workers', '1')
    await world.until('both plugins serve with the wanted workers', (report) => allServe(report) && countSlots(report) === 3)
    await untilNginxIsCalm(world)
  })
  after(() => world.end())

  test('an edited file is served a moment later and costs no request', async () => {
    const verdict = await underLoad(async (load) => {
      await load.further(SOME)
      edit(join(wsgi, 'main/wsgi.py'), 'Hello World!', 'Hello again!')
      await eventually('the new text is served', () => load.sent.at(-1)?.body.includes('Hello again!') === true || undefined)
      edit(join(cafe, 'cafe/server.js'), 'Hello World', 'Hello again')
      await eventually(
        'the new text is served',
        () => load.sent.some(({ body }) => body.startsWith('Hello again cafe')) || undefined,
      )
      await load.further(SOME)
      await world.until('the old workers have gone', allServe)
    })
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  })

  test('kill -9 of one of two workers fails nothing but what was inside it', async () => {
    const kills: Kill[] = []
    const verdict = await underLoad(async (load) => {
      for (let round = 0; round < KILLS; round += 1) {
        await load.further(SOME / 2)
        kills.push(await killWorker('wsgi', 0))
        await world.until('the slot has a new worker', allServe)
      }
      await load.further(SOME)
    }, kills)
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  })

  test('kill -9 of the only worker of an app lets requests wait instead of failing', async () => {
    const kills: Kill[] = []
    const verdict = await underLoad(async (load) => {
      for (let round = 0; round < KILLS; round += 1) {
        await load.further(SOME / 2)
        kills.push(await killWorker('cafe', 0))
        await world.until('the slot has a new worker', allServe)
      }
      await load.further(SOME)
    }, kills)
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  })

  test('kill -9 of the daemon and a new start fail nothing, and every worker keeps its pid', async () => {
    const pids = (await world.status()).plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots.map(({ pid }) => pid)))
    const health = watchHealth()
    const verdict = await underLoad(async (load) => {
      await load.further(SOME)
      const { pid } = (await world.status()).daemon
      assert.ok(pid !== null)
      process.kill(pid, 'SIGKILL')
      await eventually('the daemon is gone', () => (processId(pid) === undefined ? true : undefined))
      await load.further(SOME)
      const alone = await world.run('mfserv.status')
      assert.equal(alone.code, 2, alone.stdout)
      assert.ok(alone.stdout.includes(`is DEGRADED at http://localhost:${world.port}`), alone.stdout)
      assert.match(alone.stdout, /nginx {4}running, pid \d+/)
      assert.match(alone.stdout, /the daemon has gone; nginx and the workers go on without it {2}\(DAEMON_DOWN\)/)
      await world.start()
      await load.further(SOME)
    })
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.deepEqual(await health(), ['200 OK\n'], 'a load balancer has no reason to leave while a daemon takes over')
    const after = (await world.status()).plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots.map(({ pid }) => pid)))
    assert.deepEqual(after, pids)
  })

  test('a daemon that took workers over still replaces one that dies and one whose file changes', async () => {
    const kills: Kill[] = []
    const verdict = await underLoad(async (load) => {
      kills.push(await killWorker('cafe', 0))
      await world.until('the slot has a new worker', allServe)
      edit(join(cafe, 'cafe/server.js'), 'Hello again', 'Hello third')
      await eventually('the new text is served', () => load.sent.some(({ body }) => body.startsWith('Hello third')) || undefined)
      await load.further(SOME)
    }, kills)
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
  })

  test('recycling by max_age costs no request and never takes two workers of an app at once', async () => {
    const before = await generations()
    let most = 0
    const verdict = await underLoad(async (load) => {
      setKey(wsgi, 'max_age', '1')
      setKey(cafe, 'max_age', '1')
      await eventually('every slot has been recycled twice by age', async () => {
        const report = await world.status()
        const slots = report.plugins.flatMap(({ apps }) => apps.flatMap((app) => app.slots))
        for (const plugin of report.plugins) {
          const busy = plugin.apps
            .flatMap((app) => app.slots)
            .filter(({ lastRestart, actual }) => lastRestart?.cause === 'max_age' && actual !== 'ready')
          most = Math.max(most, busy.length)
        }
        const now = await generations()
        return slots.every(({ lastRestart }) => lastRestart?.cause === 'max_age') &&
          now.every((one, index) => one >= (before[index] ?? 0) + 3)
          ? true
          : undefined
      })
      await load.further(SOME)
      setKey(wsgi, 'max_age', '0')
      setKey(cafe, 'max_age', '0')
      await world.until('all is calm', allServe)
    })
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.ok(most <= 1, `${most} workers of one app were away at once`)
  })

  test('make develop of another plugin reloads nginx and fails no fresh connection', async () => {
    const { reloads } = (await world.status()).nginx
    const verdict = await underLoad(
      async (load) => {
        await load.further(SOME)
        await createPlugin(world, 'pages', 'static')
        await load.further(SOME)
        await world.must('plugins.uninstall', ['pages'])
        await load.further(SOME)
      },
      [],
      'fresh',
    )
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.equal((await world.status()).nginx.reloads - reloads, 2)
  })

  async function underLoad(
    act: (load: Load) => Promise<void>,
    kills: readonly Kill[] = [],
    connections: 'fresh' | 'mixed' = 'mixed',
  ) {
    const load = startLoad({ url: world.url, paths: ['/wsgi', '/cafe'], perSecond: PER_SECOND, connections })
    try {
      await act(load)
    } finally {
      await load.stop()
    }
    return judge(load.sent, kills)
  }
})

/** Node without Express: no promise here is about that, and each of its workers would load it. */
async function createCafe(): Promise<string> {
  const home = await bootstrap(world, 'cafe', 'node')
  writeFile(join(home, 'package.json'), '{"name": "cafe", "private": true}\n')
  writeFile(join(home, 'cafe/server.js'), CAFE)
  await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
  return home
}

const CAFE = `const [socketPath] = process.argv.slice(2)
const server = require('node:http').createServer((request, response) => {
  request.resume()
  response.end('Hello World cafe!')
})
require('node:fs').rmSync(socketPath, { force: true })
server.listen({ path: socketPath, backlog: 1024 })
process.once('SIGTERM', () => server.close(() => process.exit(0)))
`

async function killWorker(name: string, slot: number): Promise<Kill> {
  const pid = (await world.plugin(name)).apps[0]?.slots[slot]?.pid
  assert.ok(typeof pid === 'number')
  const at = performance.now()
  process.kill(pid, 'SIGKILL')
  await eventually('the worker is gone', () => (processId(pid) === undefined ? true : undefined))
  await world.until('the daemon has seen it', (report) =>
    report.plugins.some(
      (plugin) => plugin.name === name && plugin.apps.every((app) => app.slots.every((one) => one.pid !== pid)),
    ),
  )
  return { at, goneAt: performance.now() }
}

async function generations(): Promise<readonly number[]> {
  return (await world.status()).plugins.flatMap(({ apps }) =>
    apps.flatMap((app) => app.slots.map(({ generation }) => generation)),
  )
}

function countSlots({ plugins }: StatusReport): number {
  return plugins.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots)).length
}

function allServe({ plugins }: StatusReport): boolean {
  return plugins.every(({ state }) => state === 'serving')
}

/** Asks the health location again and again; what it is called with the answers, each once. */
function watchHealth(): () => Promise<readonly string[]> {
  const answers = new Set<string>()
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const { status, body } = await get(`${world.url}/__health`)
      answers.add(`${status} ${body}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    isOver = true
    await asking
    return [...answers]
  }
}
