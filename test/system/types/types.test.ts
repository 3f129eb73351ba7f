import assert from 'node:assert/strict'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { askControl } from '../../../src/control/client.ts'
import type { SlotReport } from '../../../src/control/protocol.ts'
import { appId, linkName, slotId } from '../../../src/desired/slot.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { processId } from '../../../src/host/process/proc.ts'
import type { AppType } from '../../../src/runtime/app-type.ts'
import { RUNTIMES } from '../../../src/runtime/runtime.ts'
import { startLoad } from '../../load/client.ts'
import { answersTo, bootstrapByPipe, make } from '../make-plugin.ts'
import { ask, eventually, get, IS_SOAK, newWorld, type Ran, setKey, type World, writeFile } from '../world.ts'
import { CASES, FURTHER, OF_THEIR_OWN, RENEWED, type TypeCase } from './cases.ts'
import { answerTo, CLIENTS_FAULTS, corpus, statusesIn } from './hostile.ts'
import { type Answered, answersTo as answersToOffer, BODY_BYTES, OFFERS } from './smuggle.ts'

const UPLOAD = 5_000_000
const TIMEOUT_SECONDS = 2
/** Of the workers whose HTTP server mfserv brings along. */
const SERVED_BY_US: ReadonlySet<string> = new Set(['python3', 'python2'])
/** What a file has one after the other within one second. */
const EDITS = IS_SOAK ? ['Edited', 'EDITED', 'edited'] : ['Edited', 'edited']
let world: World
/** An hour ago, so that no clock decides. */
const second = Math.floor(Date.now() / 1000) - 3600
let savedAt = 0

before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
})
after(() => world.end())

// Most of the time they wait.
describe('each app type', { concurrency: 3 }, () => {
  for (const one of CASES) ofType(one)
})

function ofType(one: TypeCase): void {
  describe(`type ${one.type}`, { concurrency: 1, skip: one.skip ?? false }, () => {
    const name = `t-${one.type}`.replaceAll('_', '-')
    const url = (path: string): string => `${world.url}/${name}${path}`
    const at = (wanted: string): string => url(one.at(wanted))
    const { runs } = one
    const mark = (file: string): string => join(world.home, 'var/data', name, file)
    /** A test for these types alone, as it is the same for the others; `make soak` has it for all. */
    const among =
      (types: readonly AppType[]) =>
      (promise: string, run: () => Promise<void>): void => {
        if (IS_SOAK || types.includes(one.type)) test(promise, run)
      }
    const further = among(FURTHER)
    const log = (): string =>
      readFileSync(join(world.home, 'log', `app_${name}_${one.type === 'node' ? name : 'main'}.log`), 'utf8')
    let home: string
    let made: Ran

    before(async () => {
      home = await bootstrapByPipe(world, name, one.template, answersTo(one.template, one.type, 1))
      setKey(home, 'timeout', String(TIMEOUT_SECONDS))
      // gunicorn2_sync is served with the gunicorn of mfserv: python2.test.ts builds packages of Python 2.
      const forPython2 = join(home, 'python2_virtualenv_sources/requirements-to-freeze.txt')
      if (existsSync(forPython2)) writeFile(forPython2, '')
      // Its packages are those of aiohttp and gunicorn3_sync, which are built for these.
      if (one.type === 'gunicorn3_asyncio' && !IS_SOAK)
        writeFile(join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), '')
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
        assert.deepEqual(await get(url(path)), { status: 200, body: one.hello.body.replaceAll('NAME', name) }, path)
      }
      assert.equal((await ask(url(one.hello.at[0] ?? ''), { method: 'POST', body: 'x' })).status, one.hello.post)
    })

    test('a changed file is served a moment later', async () => {
      const text = readFileSync(join(import.meta.dirname, one.edited), 'utf8')
      const before = await slots(name)
      const file = join(home, one.file.replace('NAME', name))
      const [first = ''] = one.type === 'php' ? ['edited'] : EDITS
      writeInSecond(file, text.replaceAll('edited', first), second)
      await eventually('the new text is served', async () => ((await get(at('x'))).body === first ? true : undefined))
      await eventually('no worker of before is left, but where each request reads the file', () =>
        one.type === 'php' || before.every(({ pid }) => hasGone(pid)) ? true : undefined,
      )
    })

    // PHP keeps nothing of a file that is younger than two seconds, and these are all old: test/soak/edits.ts tries it.
    if (one.type !== 'php') {
      further('of two edits of the same size within one second the last is served', async () => {
        const file = join(home, one.file.replace('NAME', name))
        const text = readFileSync(join(import.meta.dirname, one.edited), 'utf8')
        for (const word of EDITS.slice(1)) {
          writeInSecond(file, text.replaceAll('edited', word), second)
          await eventually(`${word} is served`, async () => ((await get(at('x'))).body === word ? true : undefined))
        }
        // The daemon may have read the file before it had its time; then it takes it for another edit.
        await askControl(pathsOf(world.home).control, 'POST /look')
        await world.until('the last edit alone is served', ({ plugins }) =>
          plugins.every(({ name: other, state, leaving }) => other !== name || (state === 'serving' && leaving === 0)),
        )
      })
    }

    further(
      'no offer to change the protocol makes a part of its body a request, and the request itself is answered',
      async () => {
        const path = (wanted: string): string => at(wanted).slice(world.url.length)
        const urls = { asked: path('size'), hidden: path('hold'), next: path('x') }
        for (const offer of OFFERS) {
          const answers = await answersOfOneNginx(() => answersToOffer({ port: world.port }, offer, urls))
          const refused = one.type === 'static' && offer.method === 'POST'
          const statuses = answers.map(({ status }) => status)
          assert.deepEqual([offer, ...statuses], [offer, refused ? 405 : 200, 200])
          if (runs !== undefined && offer.method === 'POST')
            assert.match(answers[0]?.body ?? '', new RegExp(`\\b${BODY_BYTES}\\b`))
        }
        if (SERVED_BY_US.has(RUNTIMES[one.type].language)) {
          for (const offer of OFFERS) {
            const [first, ...rest] = await answersToOffer({ path: socketOf(name) }, offer, urls)
            assert.deepEqual([offer, first?.status, ...rest.map(({ status }) => status)], [offer, 200, ...rest.map(() => 200)])
            assert.ok(rest.length === 0 || (rest.length === 1 && rest[0]?.body.includes('edited')), JSON.stringify([offer, rest]))
          }
        }
        assert.equal(existsSync(mark('inside')), false, 'the hidden request reached the app')
      },
    )

    among(OF_THEIR_OWN)(
      'of some hundred hostile requests none is answered by a fault of nginx, a file outside or a hidden request',
      async () => {
        const path = (wanted: string): string => at(wanted).slice(world.url.length)
        const pids = (await slots(name)).map(({ pid }) => pid)
        const wrong: unknown[] = []
        for (const one of corpus({ prefix: `/${name}`, hidden: path('hold') })) {
          const answer = await answerTo(world.port, one)
          const statuses = statusesIn(answer)
          const isOutside = /root:x:0|^\[app_/m.test(answer)
          const isFault = statuses.some((status) => status >= 500 && !CLIENTS_FAULTS.has(status))
          // What a server closes without a word costs whoever is next on the connection that nginx has kept.
          const next = await ask(at('x'), { method: 'POST', body: 'honest' })
          if (next.status >= 500) wrong.push([one.bytes.slice(0, 200), `the next client got ${next.status}`])
          if (isFault || isOutside || (one.isAmbiguous && statuses.length > 1))
            wrong.push([one.bytes.slice(0, 200), answer.slice(0, 300)])
        }
        assert.deepEqual(wrong, [])
        assert.equal(existsSync(mark('inside')), false, 'the hidden request reached the app')
        assert.equal((await get(at('x'))).body, 'edited')
        assert.deepEqual(
          (await slots(name)).map(({ pid }) => pid),
          pids,
        )
      },
    )

    further('a long URL gets the answer that the worker gives alone', async () => {
      const alone =
        RUNTIMES[one.type].serves === 'files' || one.type === 'php'
          ? undefined
          : socketOf(name, one.type === 'node' ? name : 'main')
      for (const length of [3900, 8000, 16_000]) {
        const url = `${at('x').slice(world.url.length)}`.padEnd(length, at('x').includes('?') ? '&' : '?')
        const expected = alone === undefined ? 200 : await statusOf({ socketPath: alone, path: url })
        assert.deepEqual([length, await statusOf({ port: world.port, path: url })], [length, expected])
      }
    })

    if (runs !== undefined) {
      further('an upload of 5 MB arrives whole', async () => {
        const answer = await ask(at('size'), { method: 'POST', body: Buffer.alloc(UPLOAD) })
        assert.equal(await answer.text(), String(UPLOAD))
      })

      further('a request that takes too long is answered 504, and the worker goes on', async () => {
        const { pid, generation } = await onlySlot(name)
        assert.equal((await get(at('slow'))).status, 504)
        assert.equal((await get(at('x'))).body, 'edited')
        const after = await onlySlot(name)
        assert.deepEqual([after.pid, after.generation], [pid, generation])
        if (runs.slow !== undefined) assert.match(log(), runs.slow)
      })

      further('an exception is answered 500, its place is in the log, and the worker goes on', async () => {
        const { pid } = await onlySlot(name)
        assert.equal((await get(at('fail'))).status, 500)
        await eventually('it is in the log', () => (/the sky is missing/.test(log()) ? true : undefined))
        assert.match(log(), runs.exception)
        assert.equal((await get(at('x'))).body, 'edited')
        assert.equal((await onlySlot(name)).pid, pid)
      })

      among(RENEWED)('workers that are replaced by age cost no request', async () => {
        const { generation: first } = await onlySlot(name)
        setKey(home, 'max_age', '1')
        // Fresh connections only: other rows reload nginx meanwhile, which closes kept ones.
        const load = startLoad({ url: world.url, paths: [`/${name}${one.at('x')}`], perSecond: 20, connections: 'fresh' })
        const recycled = eventually('a worker was replaced by age', async () => {
          const { lastRestart, generation } = await onlySlot(name)
          return lastRestart?.cause === 'max_age' && generation > first + 1 ? true : undefined
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
    }

    if (runs?.websocket === true) {
      further('a websocket echoes', async () => {
        assert.equal(await echoed(at('ws').replace('http:', 'ws:'), 'bread'), 'bread')
      })
    }

    test('a stop lets the request under way finish, and leaves no process and no answer behind', async () => {
      const held = runs === undefined ? undefined : get(at('hold'))
      if (held !== undefined) await eventually('the request is inside', () => (existsSync(mark('inside')) ? true : undefined))
      const before = await slots(name)
      const ended = world.must('plugins.uninstall', [name])
      writeFile(mark('release'), '')
      if (held !== undefined) assert.deepEqual(await held, { status: 200, body: 'released' })
      await ended
      await eventually('the workers have gone', () => (before.every(({ pid }) => hasGone(pid)) ? true : undefined))
      assert.equal((await get(at('x'))).status, 404)
    })
  })
}

/** As if it were saved within this second, which is that of other edits too. */
function writeInSecond(file: string, text: string, second: number): void {
  writeFileSync(file, text)
  // Each save is a little later.
  savedAt += 0.001
  utimesSync(file, second, second + savedAt)
}

async function onlySlot(plugin: string): Promise<SlotReport> {
  const [slot] = await slots(plugin)
  assert.ok(slot)
  return slot
}

async function slots(plugin: string): Promise<readonly SlotReport[]> {
  return (await world.plugin(plugin)).apps[0]?.slots ?? []
}

/** Where the only worker of an app listens. */
function socketOf(plugin: string, app = 'main'): string {
  return join(world.home, 'var/run', linkName(slotId(appId(plugin, app), 1)))
}

/** On a connection of its own; what ends it is no answer. */
function statusOf(asked: RequestOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const sent = request({ ...asked, agent: false, headers: { Host: 'localhost' } }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  sent.on('error', reject).end()
  return promise
}

function hasGone(pid: number | null): boolean {
  return pid === null || processId(pid) === undefined
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

/** A reload of nginx, which other types cause here, ends a connection behind an answer: then the offer is made again. */
async function answersOfOneNginx(offer: () => Promise<readonly Answered[]>): Promise<readonly Answered[]> {
  let answers = await offer()
  for (let again = 0; answers.length === 1 && again < 5; again += 1) answers = await offer()
  return answers
}
