import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { groupOf, processId } from '../../../src/host/process/proc.ts'
import { tcpListenersOf } from '../../../src/host/process/tcp.ts'
import { startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge, type Kill } from '../../load/verdict.ts'
import {
  CLONE,
  develop,
  edit,
  eventually,
  execute,
  freePort,
  get,
  newWorld,
  untilNginxIsCalm,
  type World,
  writeFile,
} from '../world.ts'

const GENERAL = '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n'
const PER_SECOND = 60
/** Says what it is, where it listens and what it is told. It needs a moment to end, and answers meanwhile. */
const SERVER = `'use strict'
const server = require('node:http').createServer((request, response) => {
  request.resume()
  request.on('end', () => response.end(['first', server.address().port, process.env.PORT].join(' ')))
})
server.listen(Number(process.env.MY_PORT), '127.0.0.1')
process.once('SIGTERM', () => setTimeout(() => process.exit(0), 100))
`
/** Gives back what it gets, and ends at DELETE. */
const ECHO = `require('node:http').createServer((asked, answer) => {
  if (asked.method === 'DELETE') process.exit(5)
  asked.pipe(answer)
}).listen(Number(process.argv[1]), '127.0.0.1')`
/** Whether both ways to ask say the same, of each kind of address and of a port where nobody listens. */
const LISTENERS = `
import os, socket
from mfserv_port.listener import Listeners, of_proc
listeners = Listeners()
for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::'), (socket.AF_INET6, '::1')):
    with socket.socket(family) as sock:
        sock.bind((address, 0))
        sock.listen()
        port = sock.getsockname()[1]
        kind = socket.AF_INET6 if address == '::1' else socket.AF_INET
        found = listeners.on(port)
        print(found == of_proc(kind, port) and found.inode == os.fstat(sock.fileno()).st_ino)
print(listeners.on(port) is None and of_proc(kind, port) is None)
`
const NEVER = `
import http.server, sys
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
`

describe('a program that only knows a port', () => {
  let world: World
  before(async () => {
    world = await newWorld()
    await world.start()
  })
  after(() => world.end())

  test('is served as it is: Python’s own server, told its port as a word, each worker another one', async () => {
    const home = plugin('files', 'python3 -m http.server --bind 127.0.0.1 --directory main {port}', 'workers=2\n')
    writeFile(join(home, 'main/files/hello.txt'), 'hello from a file\n')
    await develop(world, home)
    assert.deepEqual(await get(`${world.url}/files/hello.txt`), { status: 200, body: 'hello from a file\n' })
    const ports = (await leaders('files')).flatMap((pid) => tcpListenersOf(groupOf(pid)).map(({ port }) => port))
    assert.equal(new Set(ports).size, 2)
  })

  test('is replaced and killed under load: no request is lost but a POST inside it, and nothing of it is left', async () => {
    const home = plugin('busy', `env MY_PORT={port} ${process.execPath} main/server.js`, 'workers=2\n')
    writeFile(join(home, 'main/server.js'), SERVER)
    await develop(world, home)
    const [, listens, told] = (await get(`${world.url}/busy`)).body.split(' ')
    assert.equal(listens, told)
    await untilNginxIsCalm(world)
    const kills: Kill[] = []
    const groups = [...(await leaders('busy'))]
    const load = startLoad({ url: world.url, paths: ['/busy'], perSecond: PER_SECOND, connections: 'mixed' })
    try {
      await load.further(PER_SECOND / 2)
      edit(join(home, 'main/server.js'), "'first'", "'second'")
      await eventually('the new version is served', () => load.sent.at(-1)?.body.startsWith('second') === true || undefined)
      await world.until('both workers are of the new version', calm)
      for (const whom of ['the program', 'what stands before it'] as const) {
        const [leader = 0] = await leaders('busy')
        const program = groupOf(leader).find((pid) => pid !== leader) ?? 0
        groups.push(leader)
        kills.push(await kill(whom === 'the program' ? program : leader, leader))
        await load.further(PER_SECOND / 2)
      }
      await world.until('all is calm', calm)
    } finally {
      await load.stop()
    }
    const verdict = judge(load.sent, kills)
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    // One that was replaced ends only when the connections have ended that nginx keeps to it, a second or two after its last request.
    await world.until('who was replaced has ended', ({ plugins }) => plugins.every(({ leaving }) => leaving === 0))
    const serving = new Set(await leaders('busy'))
    assert.deepEqual(groups.filter((leader) => !serving.has(leader)).flatMap(groupOf), [])
  })

  test('and listens on another is named with that, and what to write', async () => {
    const port = await freePort()
    const home = plugin('deaf', `python3 main/serve.py ${port} {port}`, 'workers=1\nstart_timeout=1\n')
    writeFile(join(home, 'main/serve.py'), NEVER)
    const { code, stdout, stderr } = await world.run('_plugins.develop', [], { in: home })
    assert.notEqual(code, 0)
    const said = stdout + stderr
    assert.ok(said.includes(`did not answer on its socket within 1 s, and listens on 127.0.0.1:${port} instead`), said)
    assert.match(said, /config\.ini:11 {2}[\s\S]*Let it listen where main_arg tells it\./)
    await world.must('plugins.uninstall', ['deaf'])
  })

  test('and on a second port that two workers cannot have at once is named with that port, and what to do', async () => {
    const port = await freePort()
    const home = plugin('metrics', `${process.execPath} main/server.js {port}`, 'workers=2\n')
    const listen = "require('http').createServer((_asked, answer) => answer.end('served')).listen"
    writeFile(join(home, 'main/server.js'), `${listen}(process.argv[2], '127.0.0.1')\n${listen}(${port}, '127.0.0.1')\n`)
    const { code, stdout, stderr } = await world.run('_plugins.develop', [], { in: home })
    assert.notEqual(code, 0)
    const said = stdout + stderr
    assert.match(said, new RegExp(`config\\.ini:11 [\\s\\S]*Port ${port} is taken: by .*another worker of the app`))
    assert.match(said, /main_arg tells it \(\{port\}.*or move that server into an \[extra_daemon_NAME\]/)
    assert.match(said, /^Meanwhile requests are answered by .* the workers that did start\.$/m)
    assert.equal((await get(`${world.url}/metrics`)).body, 'served')
    await world.must('plugins.uninstall', ['metrics'])
  })

  test('and never listens is told where it has to, with the key for one that needs longer', async () => {
    const home = plugin('silent', 'sleep 1000 {port}', 'workers=1\nstart_timeout=1\n')
    const { code, stdout, stderr } = await world.run('_plugins.develop', [], { in: home })
    assert.notEqual(code, 0)
    const said = stdout + stderr
    assert.match(said, /config\.ini:11 .*did not answer on its socket within 1 s {2}\(WORKER_FAILED\)/)
    assert.match(said, /on 127\.0\.0\.1 at the port that stands for \{port\}\.\n.*write start_timeout = \d+ below \[app_main\]/)
    await world.must('plugins.uninstall', ['silent'])
  })

  test('and is not there is named as any other program', async () => {
    const home = plugin('nobody', './no-such-program {port}', 'workers=1\n')
    const { stdout, stderr } = await world.run('_plugins.develop', [], { in: home })
    assert.match(stdout + stderr, /there is no program \.\/no-such-program/)
    await world.must('plugins.uninstall', ['nobody'])
  })

  function plugin(name: string, command: string, lines: string): string {
    const home = join(world.home, 'sources', name)
    writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    writeFile(join(home, 'config.ini'), `${GENERAL}\n[app_main]\ntype=command\nmain_arg=${command}\n${lines}`)
    return home
  }

  /** The first process of each worker. */
  async function leaders(name: string): Promise<readonly number[]> {
    return (await world.plugin(name)).apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))
  }

  async function kill(pid: number, leader: number): Promise<Kill> {
    const at = performance.now()
    process.kill(pid, 'SIGKILL')
    await eventually('the whole worker is gone', () => groupOf(leader).length === 0 || undefined)
    const goneAt = performance.now()
    await world.until('another one is there', ({ plugins }) =>
      plugins.some(({ name, apps }) => name === 'busy' && apps.every(({ slots }) => slots.every((one) => one.pid !== leader))),
    )
    await world.until('all is calm', calm)
    return { at, goneAt }
  }
})

describe('what stands before a program on a port', () => {
  test('passes nothing on to another program that has the port, and says whose it is', async (t) => {
    const script = 'setsid python3 -m http.server --bind 127.0.0.1 "$1" & echo "other $!"; exec sleep 60'
    const { ended, output } = start(t, ['sh', '-c', script, 'sh', '{port}'])
    t.after(() => process.kill(Number(/other (\d+)/.exec(output())?.[1]), 'SIGKILL'))
    assert.equal(await ended, 1)
    assert.match(output(), /another program of the user \d+ listens on port \d+, which this worker was given/)
  })

  test('tells that a program can be reached around nginx', async (t) => {
    const { leader, output } = start(t, ['python3', '-m', 'http.server', '{port}'])
    await eventually('it says so', () => /port \d+ is open on every address/.test(output()) || undefined)
    process.kill(-leader, 'SIGKILL')
  })

  test('ends as the program ends, and the program ends by a signal to the group alone', async (t) => {
    assert.equal(await start(t, ['sh', '-c', 'exit 3', '{port}']).ended, 3)
    const killed = start(t, ['sh', '-c', 'kill -9 $$', '{port}'])
    assert.equal(await killed.ended, 'SIGKILL')
    const running = start(t, ['python3', '-m', 'http.server', '--bind', '127.0.0.1', '{port}'])
    await eventually('it listens', () => tcpListenersOf(groupOf(running.leader)).length > 0 || undefined)
    process.kill(running.leader, 'SIGTERM')
    assert.ok(processId(running.leader) !== undefined)
    process.kill(-running.leader, 'SIGTERM')
    assert.equal(await running.ended, 'SIGTERM')
  })

  test('passes a large body both ways, at the pace of the slower side, and ends what the program ends', async (t) => {
    const { socket, ended } = start(t, [process.execPath, '-e', ECHO, '{port}'])
    await eventually('it is up', () => existsSync(socket) || undefined)
    const sent = randomBytes(20_000_000)
    const asked = request({ socketPath: socket, method: 'POST', agent: false })
    asked.end(sent)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk)
    assert.ok(Buffer.concat(chunks).equals(sent))
    const cut = request({ socketPath: socket, method: 'DELETE', agent: false }).end()
    await assert.rejects(once(cut, 'response'), /hang up|ECONNRESET/)
    assert.equal(await ended, 5)
  })

  test('gives no port that is taken', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    assert.equal(await python(`from mfserv_port.ports import is_free; print(is_free(${port}))`), 'False')
  })

  test('finds a listener of either kind also where the kernel tells nothing over netlink', async () => {
    assert.deepEqual((await python(LISTENERS)).split('\n'), ['True', 'True', 'True', 'True', 'True'])
  })
})

/** What a piece of Python that knows the modules of the relay prints. */
async function python(code: string): Promise<string> {
  const text = `import sys; sys.path.insert(0, ${JSON.stringify(join(CLONE, 'python'))})\n${code}`
  const { stdout, stderr } = await execute('python3', ['-c', text], {})
  assert.equal(stderr, '')
  return stdout.trim()
}

/** Started as mfserv starts it: as the leader of a session of its own. */
function start(t: TestContext, command: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'port'))
  const program = join(CLONE, 'python/mfserv_on_port.py')
  const socket = join(directory, 's')
  const words = ['-I', '-S', program, socket, '--', ...command]
  const child = spawn('python3', words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const leader = child.pid ?? 0
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  t.after(() => {
    for (const pid of groupOf(leader)) process.kill(pid, 'SIGKILL')
    rmSync(directory, { recursive: true })
  })
  return { leader, socket, ended, output: () => Buffer.concat(chunks).toString('utf8') }
}

function calm({ plugins }: Awaited<ReturnType<World['status']>>): boolean {
  return plugins.every(({ state }) => state === 'serving')
}
