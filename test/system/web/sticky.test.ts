import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { processId } from '../../../src/host/process/proc.ts'
import { type Answer, ask as askAt } from '../nginx/place.ts'
import { bootstrap, develop, edit, eventually, newWorld, type World, writeFile } from '../world.ts'

/** As its authors would write it: sessions of socket.io are in the memory of one process. */
const SERVER = `const http = require('http').createServer((q, s) => s.end(String(process.pid)))
const io = new (require('socket.io').Server)(http, { path: '/sio/socket.io' })
io.on('connection', (s) => s.on('who', (ack) => ack({ pid: process.pid, version: 'one' })))
http.listen(process.argv[2])
`
const PACKAGE = { name: 'sio', private: true, dependencies: { 'socket.io': '4.8.1', 'socket.io-client': '4.8.1' } }

/** What of socket.io-client is used here. */
interface Client {
  readonly connected: boolean
  readonly io: { readonly engine: { readonly transport: { readonly name: string }; once(name: string, run: () => void): void } }
  timeout(ms: number): { emitWithAck(name: string): Promise<Who> }
  on(name: string, run: () => void): void
  close(): void
}
interface Who {
  readonly pid: number
  readonly version: string
}

let world: World
let home: string
let connect: (url: string, options: object) => Client
const open = new Set<Client>()

before(async () => {
  world = await newWorld()
  await world.start()
  home = await bootstrap(world, 'sio', 'node')
  writeFile(join(home, 'sio/server.js'), SERVER)
  writeFile(join(home, 'package.json'), JSON.stringify(PACKAGE))
  writeFile(join(home, 'config.ini'), config('sticky=1\n'))
  await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
  ;({ io: connect } = createRequire(join(home, 'sio/'))('socket.io-client') as { io: typeof connect })
})
after(async () => {
  for (const client of open) client.close()
  await world.end()
})

function config(sticky: string): string {
  const general = 'version=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  return `[general]\n${general}[app_sio]\ntype=node\nmain_arg=server.js\nworkers=2\ntimeout=60\ngraceful_timeout=5\n${sticky}`
}

/** A browser keeps cookies; so does this client when it is told to. */
function session(transports: readonly string[]): Client {
  const client = connect(world.url, {
    path: '/sio/socket.io',
    transports,
    withCredentials: true,
    forceNew: true,
    reconnection: false,
  })
  open.add(client)
  return client
}

const who = (client: Client): Promise<Who> => client.timeout(20_000).emitWithAck('who')
const ask = (cookie?: string, path = '/sio/x'): Promise<Answer> =>
  askAt(world.port, path, { headers: cookie === undefined ? {} : { Cookie: cookie } })
const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? assert.fail('no cookie')

test('ten of ten sessions of socket.io that poll work with two workers, and both have some', async () => {
  const pids = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const client = session(['polling'])
      const answers = [await who(client), await who(client), await who(client)].map(({ pid }) => pid)
      client.close()
      assert.equal(new Set(answers).size, 1)
      return answers[0]
    }),
  )
  const everybody = (await world.plugin('sio')).apps[0]?.slots.map(({ pid }) => pid)
  // That all ten get one of the two happens twice in a thousand times; forty more clients leave no doubt.
  const more = await Promise.all(Array.from({ length: 40 }, async () => Number((await ask()).body)))
  assert.deepEqual(new Set([...pids, ...more]), new Set(everybody))
})

test('the websocket that a session goes on with is at the same worker', async () => {
  const client = session(['polling', 'websocket'])
  const before = await who(client)
  await eventually('it is a websocket', () => (client.io.engine.transport.name === 'websocket' ? true : undefined))
  assert.deepEqual(await who(client), before)
  client.close()
})

test('the cookie names the worker alone, is of no use to a script or another site, and is set once', async () => {
  const first = await ask()
  assert.match(String(first.headers['set-cookie']), /^mfserv\.sio\.sio=[12]\.\d+; Path=\/sio; HttpOnly; SameSite=Lax$/)
  const again = await ask(`a=1; ${cookieOf(first)}; b=2`)
  assert.deepEqual([again.body, again.headers['set-cookie']], [first.body, undefined])
  // Of a worker that is not, nobody is sent away: there is another cookie.
  for (const forged of ['1.999999', '3.1', '0.1', '1.1/../../x', '1', '1.g1', `${'9'.repeat(400)}.1`]) {
    const answer = await ask(`mfserv.sio.sio=${forged}`)
    assert.deepEqual([forged, answer.status, answer.headers['set-cookie']?.length], [forged, 200, 1])
  }
})

test('a client stays at its worker over a swap while that one lives, and a new client is at the new one', async () => {
  const old = session(['polling'])
  const before = await who(old)
  const cookie = cookieOf(await ask())
  edit(join(home, 'sio/server.js'), "'one'", "'two'")
  await eventually('new clients are at the new version', async () => {
    const client = session(['polling'])
    const { version } = await who(client)
    client.close()
    return version === 'two' ? true : undefined
  })
  for (let asked = 0; asked < 5; asked += 1) assert.deepEqual(await who(old), before)
  old.close()
  await eventually('the old workers have ended', () => (processId(before.pid) === undefined ? true : undefined))
  const moved = await eventually('the cookie of an old worker is of no use', async () => {
    const answer = await ask(cookie)
    assert.equal(answer.status, 200)
    return answer.headers['set-cookie'] === undefined ? undefined : answer
  })
  assert.equal(cookieOf(moved).split('.')[2]?.split('=')[1], cookie.split('.')[2]?.split('=')[1], 'the slot is another one')
})

test('a client whose worker was killed goes to another one, and sees no error', async () => {
  const first = await ask()
  process.kill(Number(first.body), 'SIGKILL')
  const answers = [await ask(cookieOf(first)), await ask(cookieOf(first)), await ask(cookieOf(first))]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.ok(answers.every(({ body }) => body !== first.body))
})

test('without the key no client gets a cookie', async () => {
  writeFile(join(home, 'config.ini'), config(''))
  await develop(world, home)
  await eventually('no cookie is set', async () => ((await ask()).headers['set-cookie'] === undefined ? true : undefined))
})
