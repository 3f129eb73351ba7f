import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bootstrap, develop, eventually, execute, get, newWorld, setKey, type World, writeFile } from '../world.ts'

/* breakpoint() in the code of an app: passed with a word in the log, or the stop of a debugger that is attached. */
let world: World
let home: string
before(async () => {
  world = await newWorld()
  home = await bootstrap(world, 'shop', 'default')
  writeFile(join(home, 'main/wsgi.py'), APP)
  await world.start()
  await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
})
after(() => world.end())

const APP = `def application(environ, start_response):
    price = 42
    breakpoint()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"passed"]
`

test('breakpoint() without debug=1 is passed, and the log says what to do', async () => {
  assert.deepEqual(await get(`${world.url}/shop`), { status: 200, body: 'passed' })
  assert.match(log(), /breakpoint\(\) in \S+\/main\/wsgi\.py:3 was passed: .*write debug=1 .*debugpy into requirements-dev\.txt/)
})

test('with debug=1 and no debugpy it is passed too, and the log says what is missing', async () => {
  setKey(home, 'debug', '1')
  const told = await eventually('the new worker has passed it', async () => {
    assert.equal((await get(`${world.url}/shop`)).status, 200)
    return /was passed: .*write debugpy into requirements-dev\.txt of the plugin, run make test there/.exec(log()) ?? undefined
  })
  assert.ok(told)
})

test('with debugpy it stops where the debugger of an editor is attached, and only for the user of mfserv', async () => {
  writeFile(join(home, 'requirements-dev.txt'), 'debugpy==1.8.17\n')
  writeFile(
    join(home, 'tests/test_it.py'),
    'import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n',
  )
  await world.must('mfserv', ['test'], { in: home })
  await world.must('plugins.restart', ['shop'])
  const { stdout } = await world.must('plugins.info', ['shop', '--json'])
  const { debugger: told } = JSON.parse(stdout).apps[0]
  assert.match(told.attach, /^127\.0\.0\.1:\d+$/)
  const port = Number(told.attach.split(':')[1])
  assert.deepEqual(await get(`${world.url}/shop`), { status: 200, body: 'passed' })
  if (process.getuid?.() === 0) assert.equal(await asNobody(port), '')
  const editor = await attach(port)
  try {
    const answer = get(`${world.url}/shop`)
    const { threadId } = await editor.event('stopped')
    const [frame] = (await editor.ask('stackTrace', { threadId })).stackFrames
    assert.deepEqual([frame?.name, frame?.line, frame?.source.path], ['application', 4, join(home, 'main/wsgi.py')])
    const { result } = await editor.ask('evaluate', { expression: 'price', frameId: frame?.id })
    assert.equal(result, '42')
    await editor.ask('continue', { threadId })
    assert.deepEqual(await answer, { status: 200, body: 'passed' })
  } finally {
    editor.socket.destroy()
  }
})

test('nothing listens any more once the worker has ended', async () => {
  const { stdout } = await world.must('plugins.info', ['shop', '--json'])
  const port = Number(JSON.parse(stdout).apps[0].debugger.attach.split(':')[1])
  setKey(home, 'debug', '0')
  await eventually('the port is closed', () => isClosed(port))
})

function log(): string {
  return readFileSync(join(world.home, 'log/app_shop_main.log'), 'utf8')
}

async function asNobody(port: number): Promise<string> {
  const code = `import socket; s = socket.create_connection(("127.0.0.1", ${port})); s.settimeout(20); print(s.recv(100).decode(), end="")`
  const words = ['--reuid=65534', '--regid=65534', '--clear-groups', 'python3', '-c', code]
  const { stdout, stderr } = await execute('setpriv', words, {})
  assert.doesNotMatch(stderr, /timed out/)
  return stdout
}

function isClosed(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.on('error', () => resolve(true))
  })
}

/** A message of the protocol, as far as it is looked at. */
interface Message {
  readonly type: string
  readonly event?: string
  readonly request_seq?: number
  readonly success?: boolean
  readonly body: Body
}

interface Body {
  readonly threadId: number
  readonly stackFrames: readonly {
    readonly id: number
    readonly name: string
    readonly line: number
    readonly source: { readonly path: string }
  }[]
  readonly result: string
}

interface Editor {
  readonly socket: Socket
  readonly ask: (command: string, words?: object) => Promise<Body>
  readonly event: (name: string) => Promise<Body>
}

/** The least that an editor says in the Debug Adapter Protocol. */
async function attach(port: number): Promise<Editor> {
  const socket = connect(port, '127.0.0.1')
  const messages: Message[] = []
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    rest += text
    for (
      let head = /^Content-Length: (\d+)\r\n\r\n/.exec(rest);
      head !== null;
      head = /^Content-Length: (\d+)\r\n\r\n/.exec(rest)
    ) {
      const end = head[0].length + Number(head[1])
      if (rest.length < end) return
      messages.push(JSON.parse(rest.slice(head[0].length, end)))
      rest = rest.slice(end)
    }
  })
  let seq = 0
  const send = (command: string, words: object): number => {
    seq += 1
    const text = JSON.stringify({ seq, type: 'request', command, arguments: words })
    socket.write(`Content-Length: ${text.length}\r\n\r\n${text}`)
    return seq
  }
  const until = (phase: string, fits: (message: Message) => boolean): Promise<Message> =>
    eventually(phase, () => messages.find(fits))
  const event = async (name: string) =>
    (await until(`the event ${name}`, (one) => one.type === 'event' && one.event === name)).body
  const ask = async (command: string, words: object = {}) => {
    const number = send(command, words)
    const answer = await until(`the answer to ${command}`, (one) => one.type === 'response' && one.request_seq === number)
    assert.equal(answer.success, true, JSON.stringify(answer))
    return answer.body
  }
  await ask('initialize', { adapterID: 'test', pathFormat: 'path', linesStartAt1: true })
  send('attach', { justMyCode: false })
  await event('initialized')
  await ask('configurationDone')
  return { socket, ask, event }
}
