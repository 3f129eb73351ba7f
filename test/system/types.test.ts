import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { SlotReport } from '../../src/daemon/protocol.ts'
import { processId } from '../../src/host/proc.ts'
import { Problem } from '../../src/problem.ts'
import { findTemplate } from '../../src/template/templates.ts'
import { startLoad } from '../load/client.ts'
import { bootstrapByPipe, make } from './make-plugin.ts'
import { ask, eventually, get, newWorld, type Ran, setKey, type World, writeFile } from './world.ts'

interface TypeCase {
  readonly type: string
  readonly template: string
  /** What it answers as it is made: at which URLs below that of the plugin, and what to a POST. */
  readonly hello: { readonly at: readonly string[]; readonly body: string; readonly post: number }
  /** The file the application is in, and the one it is replaced by. */
  readonly file: string
  readonly edited: string
  readonly websocket: boolean
  /** What `make` warns about. */
  readonly warns?: RegExp
}

const ANYWHERE = ['', '/main', '/main/x/y', '/any thing?q=1']
const CASES: readonly TypeCase[] = [
  {
    type: 'python3_sync',
    template: 'default',
    hello: { at: ANYWHERE, body: 'Hello World!', post: 200 },
    file: 'main/wsgi.py',
    edited: 'wsgi.py',
    websocket: false,
  },
  {
    type: 'aiohttp',
    template: 'default',
    hello: { at: ANYWHERE, body: 'Hello World', post: 405 },
    file: 'main/application.py',
    edited: 'aiohttp.py',
    websocket: true,
  },
  {
    type: 'gunicorn3_sync',
    template: 'default',
    hello: { at: ANYWHERE, body: 'Hello World!', post: 200 },
    file: 'main/wsgi.py',
    edited: 'wsgi.py',
    websocket: false,
    warns: /config\.ini:\d+ {2}the type gunicorn3_sync is deprecated {2}\(INI_DEPRECATED_TYPE\)\n.*type = python3_sync/,
  },
  {
    type: 'gunicorn3_asyncio',
    template: 'default',
    hello: { at: ANYWHERE, body: 'Hello World', post: 405 },
    file: 'main/application.py',
    edited: 'aiohttp.py',
    websocket: true,
    warns: /config\.ini:\d+ {2}the type gunicorn3_asyncio is deprecated {2}\(INI_DEPRECATED_TYPE\)\n.*type = aiohttp/,
  },
  {
    type: 'node',
    template: 'node',
    hello: { at: ['', '/'], body: 'Hello World NAME!', post: 404 },
    file: 'NAME/server.js',
    edited: 'server.js',
    websocket: true,
  },
  {
    type: 'python3_asgi',
    template: 'python3_raw_asgi',
    hello: { at: ANYWHERE, body: 'Hello, world!', post: 200 },
    file: 'main/application.py',
    edited: 'asgi.py',
    websocket: true,
  },
  {
    type: 'python3_tornado',
    template: 'python3_tornado',
    hello: { at: ANYWHERE, body: 'Hello, world', post: 405 },
    file: 'main/application.py',
    edited: 'tornado.py',
    websocket: true,
  },
]

const UPLOAD = 5_000_000
const TIMEOUT_SECONDS = 2
let world: World

before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
})
after(() => world.end())

for (const one of CASES) {
  describe(`type ${one.type}`, () => {
    const name = `t-${one.type}`.replaceAll('_', '-')
    const url = (path: string): string => `${world.url}/${name}${path}`
    const log = (): string =>
      readFileSync(join(world.home, 'log', `app_${name}_${one.type === 'node' ? name : 'main'}.log`), 'utf8')
    let home: string
    let made: Ran

    before(async () => {
      home = await bootstrapByPipe(world, name, one.template, answersOf(one))
      setKey(home, 'timeout', String(TIMEOUT_SECONDS))
      made = await make(world, home)
    })

    test('make develop serves the plugin that was made from answers, and warns only where it has to', () => {
      assert.equal(made.code, 0, made.stdout + made.stderr)
      assert.match(made.stdout, new RegExp(`${name} answers`))
      assert.match(readFileSync(join(home, 'config.ini'), 'utf8'), new RegExp(`^type=${one.type}$`, 'm'))
      if (one.warns === undefined) assert.doesNotMatch(made.stdout + made.stderr, /DEPRECATED/)
      else assert.match(made.stdout + made.stderr, one.warns)
    })

    test('it answers what is documented where it is documented', async () => {
      for (const path of one.hello.at) {
        assert.deepEqual(await get(url(path)), { status: 200, body: one.hello.body.replace('NAME', name) }, path)
      }
      assert.equal((await ask(url(''), { method: 'POST', body: 'x' })).status, one.hello.post)
    })

    test('a changed file is served a moment later', async () => {
      const text = readFileSync(join(import.meta.dirname, 'types', one.edited), 'utf8')
      const { pid } = await onlySlot(name)
      writeFile(join(home, one.file.replace('NAME', name)), text)
      await eventually('the new text is served', async () => ((await get(url('/x'))).body === 'edited' ? true : undefined))
      await eventually('the old worker has gone', () => hasGone(pid))
    })

    test('an upload of 5 MB arrives whole', async () => {
      const answer = await ask(url('/size'), { method: 'POST', body: Buffer.alloc(UPLOAD) })
      assert.equal(await answer.text(), String(UPLOAD))
    })

    if (one.websocket) {
      test('a websocket echoes', async () => {
        assert.equal(await echoed(url('/ws').replace('http:', 'ws:'), 'bread'), 'bread')
      })
    }

    test('a request that takes too long is answered 504, and the worker goes on', async () => {
      const { pid, generation } = await onlySlot(name)
      assert.equal((await get(url('/slow'))).status, 504)
      assert.equal((await get(url('/x'))).body, 'edited')
      const after = await onlySlot(name)
      assert.deepEqual([after.pid, after.generation], [pid, generation])
      if (one.type !== 'node') assert.match(log(), /GET \/\S+\/slow took more than 2 s/)
    })

    test('an exception is answered 500, its traceback is in the log, and the worker goes on', async () => {
      const { pid } = await onlySlot(name)
      assert.equal((await get(url('/fail'))).status, 500)
      assert.match(log(), /the sky is missing/)
      assert.match(log(), one.type === 'node' ? /at Server\.<anonymous>/ : /Traceback[\s\S]*LookupError: the sky is missing/)
      assert.equal((await get(url('/x'))).body, 'edited')
      assert.equal((await onlySlot(name)).pid, pid)
    })

    test('workers that are replaced by age cost no request', async () => {
      setKey(home, 'max_age', '1')
      const load = startLoad({ url: world.url, paths: [`/${name}/x`], perSecond: 40, connections: 'mixed' })
      const recycled = eventually('a worker was replaced by age', async () => {
        const { lastRestart, generation } = await onlySlot(name)
        return lastRestart?.cause === 'max_age' && generation > 4 ? true : undefined
      })
      const sent = await recycled.then(() => load.stop(), load.stop)
      await recycled
      const failed = sent.filter(({ outcome }) => typeof outcome !== 'number' || outcome >= 500)
      assert.deepEqual(failed, [])
      setKey(home, 'max_age', '0')
      await eventually('age does not count any more', async () =>
        (await onlySlot(name)).lastRestart?.cause === 'changed' ? true : undefined,
      )
    })

    test('a stop lets the request under way finish, and leaves no process behind', async () => {
      const held = get(url('/hold'))
      await eventually('the request is inside', () => (existsSync(join(home, 'inside')) ? true : undefined))
      const { pid } = await onlySlot(name)
      const ended = world.must('plugins.uninstall', [name])
      writeFile(join(home, 'release'), '')
      assert.deepEqual(await held, { status: 200, body: 'released' })
      await ended
      await eventually('the worker has gone', () => hasGone(pid))
    })
  })
}

/** Version, summary, crontab, license, url, maintainer, vendor; the type where it is asked; one worker. */
function answersOf({ type, template }: TypeCase): readonly string[] {
  const found = findTemplate(template)
  assert.ok(!(found instanceof Problem))
  const choices = found.questions.flatMap((asked) => (asked.kind === 'choice' && asked.name === 'type' ? asked.choices : []))
  const number = choices.length === 0 ? [] : [String(choices.indexOf(type) + 1)]
  return ['1.0', 'A test', '1', '1', '', '', '', ...number, '1']
}

async function onlySlot(plugin: string): Promise<SlotReport> {
  const [slot] = (await world.plugin(plugin)).apps[0]?.slots ?? []
  assert.ok(slot)
  return slot
}

function hasGone(pid: number | null): true | undefined {
  return pid === null || processId(pid) === undefined ? true : undefined
}

function echoed(url: string, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = new WebSocket(url)
  socket.onopen = () => socket.send(text)
  socket.onmessage = ({ data }) => {
    resolve(String(data))
    socket.close()
  }
  socket.onerror = () => reject(new Error(`no websocket at ${url}`))
  return promise
}
