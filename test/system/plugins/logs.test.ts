import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import { ask, CLONE, edit, eventually, newWorld, type World, writeFile } from '../world.ts'

const GENERAL = `[general]
version = 1.0
summary = Apps of every type
license = MIT
url = http://example.com
maintainer = Jane <jane@example.com>
vendor = Example
`
const TYPES = [
  { app: 'wsgi3', type: 'python3_sync', file: 'wsgi.py', entry: 'wsgi:application' },
  { app: 'unicorn', type: 'gunicorn3_sync', file: 'wsgi.py', entry: 'wsgi:application' },
  { app: 'aio', type: 'aiohttp', file: 'aiohttp.py', entry: 'application:app' },
  { app: 'asgi3', type: 'python3_asgi', file: 'asgi.py', entry: 'application:app' },
  { app: 'storm', type: 'python3_tornado', file: 'tornado.py', entry: 'application:app' },
  ...((await findPython2('')) === undefined
    ? []
    : [{ app: 'wsgi2', type: 'python2_sync', file: 'wsgi.py', entry: 'wsgi:application' }]),
] as const

interface Shown {
  readonly time: string
  readonly kind: string
  readonly name?: string
  readonly level: string | null
  readonly text: string
}

interface Kept {
  readonly command: string
  readonly words: readonly string[]
  readonly directory: string
  readonly outcome: string
  readonly problems: readonly string[]
  readonly by: { readonly uid: number }
}

describe('the logs of a plugin with an app of each kind', () => {
  let world: World
  const syslog = createSocket('udp4')
  const messages: string[] = []
  const shown = async (...words: readonly string[]): Promise<readonly Shown[]> => {
    const { stdout } = await world.run('mfserv', ['logs', ...words, '--json'])
    return stdout.trimEnd() === ''
      ? []
      : stdout
          .trimEnd()
          .split('\n')
          .map((line): Shown => JSON.parse(line))
  }
  const asked = async (path: string): Promise<string> => {
    const answer = await ask(`${world.url}${path}`)
    await answer.arrayBuffer()
    return answer.headers.get('x-request-id') ?? ''
  }
  /** The requests that failed, by their paths. */
  const ids = new Map<string, string>()
  const ofRequest = (path: string): Promise<readonly Shown[]> => shown('--request-id', ids.get(path) ?? '')

  before(async () => {
    syslog.on('message', (message) => messages.push(message.toString()))
    await new Promise<void>((resolve) => syslog.bind(0, '127.0.0.1', resolve))
    const { port } = syslog.address()
    world = await newWorld(`[log]\njson_file = json_logs.log\njson_minimal_level = ERROR\nsend_to = syslog:127.0.0.1:${port}\n`)
    const home = join(world.home, 'mix')
    const sections = TYPES.map(
      ({ app, type, file, entry }) =>
        `[app_${app}]\ntype = ${type}\nmain_arg = ${app}.${entry}\nworkers = 1\n${copied(home, app, file)}`,
    )
    writeFile(join(home, 'node/server.js'), NODE)
    writeFile(
      join(home, 'php/index.php'),
      "<?php\nif (isset($_GET['fail'])) throw new Exception('the sky is missing');\necho 'fine';\n",
    )
    const others = ['[app_node]\ntype = node\nmain_arg = server.js\nworkers = 1\n', '[app_php]\ntype = php\nworkers = 1\n']
    writeFile(join(home, '.layerapi2_label'), 'plugin_mix@mfserv\n')
    writeFile(join(home, 'config.ini'), `${GENERAL}${[...sections, ...others].join('')}`)
    await world.must('mfserv.start')
    await world.must('_plugins.develop', [], { in: home })
    for (const path of [...TYPES.map(({ app }) => `/mix/${app}/fail`), '/mix/php/?fail', '/mix/node/fail'])
      ids.set(path, await asked(path))
    // nginx writes its lines within a second.
    const log = join(world.home, 'log/nginx_access.log')
    await eventually('nginx has written all of them', () => {
      const text = readFileSync(log, 'utf8')
      return [...ids.values()].every((id) => text.includes(id)) ? true : undefined
    })
  })
  after(async () => {
    await world.end()
    syslog.close()
  })

  for (const { app } of TYPES)
    test(`of a request that fails in ${app} the app's line comes first, with its traceback, and then that of nginx`, async () => {
      const records = await ofRequest(`/mix/${app}/fail`)
      assert.deepEqual(
        records.map(({ kind, name, level }) => [kind, name ?? '', level]),
        [
          ['app', app, 'ERROR'],
          ['access', '', 'ERROR'],
        ],
      )
      assert.match(records[0]?.text ?? '', /\n(.|\n)*LookupError: the sky is missing/)
    })

  test('of one that fails in PHP mfserv writes a line with its id', async () => {
    const [line, access] = await ofRequest('/mix/php/?fail')
    assert.match(line?.text ?? '', /\(mfserv\.php#\d+\) GET \/mix\/php\/\?fail failed: Uncaught Exception: the sky is missing/)
    assert.equal(access?.kind, 'access')
  })

  test("of one that ends a Node worker there are the app's lines, the exception, and nginx's error", async () => {
    const records = await ofRequest('/mix/node/fail')
    const ofNginxAndTheApp = records.filter(({ kind }) => kind !== 'mfserv')
    assert.equal(ofNginxAndTheApp.at(-1)?.kind, 'access')
    assert.match(records.find(({ kind }) => kind === 'mfserv')?.text ?? '', /ended two workers and is answered 502/)
    assert.match(records.find(({ kind }) => kind === 'app')?.text ?? '', /^asked for \/mix\/node\/fail /)
    const ended = records.find(({ level, kind }) => kind === 'app' && level === 'ERROR')
    assert.match(ended?.text ?? '', /uncaughtException: Error: the sky is missing/)
    assert.match(records.find(({ kind }) => kind === 'nginx')?.text ?? '', /request: "GET \/mix\/node\/fail /)
    assert.deepEqual(
      records.map(({ time }) => time),
      records.map(({ time }) => time).toSorted(),
    )
  })

  test('all of a plugin is one list in order, with what mfserv says of it, and a level leaves out what is below it', async () => {
    const all = await shown('mix', '--since', '10m')
    assert.ok(['app', 'access', 'nginx', 'mfserv'].every((kind) => all.some((record) => record.kind === kind)))
    assert.deepEqual(
      all.map(({ time }) => time),
      all.map(({ time }) => time).toSorted(),
    )
    const errors = await shown('mix', '--level', 'ERROR', '--since', '10m')
    assert.ok(errors.length > 0 && errors.length < all.length && errors.every(({ level }) => level === 'ERROR'))
    assert.equal((await shown('mix', '-n', '3')).length, 3)
    assert.deepEqual(await shown('mix', '--grep', 'nobody wrote this'), [])
  })

  test('records go to the file of JSON lines and to syslog, from the levels that are set', async () => {
    await asked('/mix/wsgi3/')
    const id = await asked('/mix/wsgi3/fail')
    await eventually('syslog has the request and the error', () =>
      messages.filter((message) => message.includes(id)).length > 1 ? true : undefined,
    )
    assert.ok(
      messages.some(
        (message) => message.startsWith('<27>1 ') && message.includes(` mfserv - mix/wsgi3 [request@32473 id="${id}"] `),
      ),
    )
    assert.ok(messages.some((message) => message.startsWith('<30>1 ')))
    const lines = readFileSync(join(world.home, 'log/json_logs.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.ok(lines.every(({ level }) => level === 'error' || level === 'critical'))
    const line = lines.find(({ request_id }) => request_id === id)
    assert.deepEqual([line.plugin, line.source, line.name], ['mix', 'mix/wsgi3', 'mfserv.wsgi'])
    assert.match(line.exception, /LookupError: the sky is missing/)
  })

  test('a file of JSON lines outside of log/ is for whom chmod says, at once when the configuration names it', async () => {
    const outside = join(world.home, 'outside/mfserv.json')
    const config = join(world.home, 'config/config.ini')
    edit(config, 'json_file = json_logs.log', `json_file = ${outside}\nchmod = 0640`)
    await eventually('an error is in it', async () => {
      await asked('/mix/wsgi3/fail')
      return existsSync(outside) && readFileSync(outside, 'utf8').includes('the sky is missing') ? true : undefined
    })
    assert.equal(statSync(outside).mode & 0o777, 0o640)
  })

  test('the requests of the plugin are measured by app and path, the slowest with its worker and its id', async () => {
    const { stdout } = await world.must('mfserv', ['slow', 'mix', '--json'])
    const { requests, slowest, apps } = JSON.parse(stdout)
    assert.ok(requests >= ids.size)
    assert.ok([...ids.values()].includes(slowest[0].requestId))
    assert.ok(slowest.some(({ by }: { readonly by: string }) => /^mix\/\w+ #1$/.test(by)))
    assert.ok(apps.some(({ app }: { readonly app: string }) => app === 'mix/wsgi3'))
  })

  test('the audit trail has what was done to the plugin, by whom, and what came of it; what only looks is not in it', async () => {
    await world.must('plugins.list')
    await world.must('plugins.restart', ['mix'])
    const refused = await world.run('plugins.rollback', ['mix'])
    assert.equal(refused.code, 1)
    const { stdout } = await world.must('mfserv', ['audit', 'mix', '--json'])
    const trail: readonly Kept[] = JSON.parse(stdout)
    assert.deepEqual(
      trail.map(({ command, words, outcome, problems }) => [command, words, outcome, problems]),
      [
        ['_plugins.develop', [], 'ok', []],
        ['plugins.restart', ['mix'], 'ok', []],
        ['plugins.rollback', ['mix'], 'failed', ['RELEASE_NOT_FOUND']],
      ],
    )
    const [first] = trail
    assert.deepEqual([first?.by.uid, first?.directory], [process.getuid?.(), join(world.home, 'mix')])
    assert.match((await world.must('mfserv', ['audit'])).stdout, /mfserv\.start +│ ok/)
  })

  test('what is written is followed, over a log that is emptied, until Ctrl-C, which ends well', async () => {
    const child = spawn(join(CLONE, 'bin/mfserv'), ['logs', 'mix', '-f', '-n', '0'], {
      env: { ...process.env, MFMODULE_RUNTIME_HOME: world.home, NODE_TEST_CONTEXT: '' },
    })
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
    })
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    const isSaid = (id: string): Promise<true> => eventually(`${id} is shown`, () => (said.includes(id) ? true : undefined))
    await eventually('it follows', async () => {
      await asked('/mix/wsgi3/first')
      return said.includes('/mix/wsgi3/first') ? true : undefined
    })
    await isSaid(await asked('/mix/wsgi3/fail'))
    truncateSync(join(world.home, 'log/app_mix_wsgi3.log'))
    const id = await asked('/mix/wsgi3/fail')
    await eventually('the app and nginx', () => (said.split(id).length > 2 ? true : undefined))
    assert.match(said, /mix\/wsgi3 +\[ERROR\] \(mfserv\.wsgi#\d+\) GET \/mix\/wsgi3\/fail failed/)
    assert.ok(!said.includes('\x1b'))
    child.kill('SIGINT')
    assert.equal(await ended, 0)
  })
})

const NODE = `const { createServer } = require('http')
createServer((request, answer) => {
  console.log('asked for', request.url)
  if (request.url.endsWith('/fail')) throw new Error('the sky is missing')
  answer.end('fine')
}).listen(process.argv[2])
`

/** The application of the test of every type, where this app has it. Answers nothing. */
function copied(home: string, app: string, file: string): string {
  mkdirSync(join(home, app), { recursive: true })
  const name = file === 'wsgi.py' ? file : 'application.py'
  copyFileSync(join(CLONE, 'test/system/types', file), join(home, app, name))
  writeFile(join(home, app, '__init__.py'), '')
  return ''
}
