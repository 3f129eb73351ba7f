import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bootstrap, CLONE, edit, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const SERVER = `const http = require('http')
http.createServer((request, answer) => {
  console.log('asked for', request.url)
  answer.end('one')
}).listen(process.argv[2])
`

interface Following {
  readonly child: ChildProcess
  /** Waits until it has said this. */
  readonly said: (what: RegExp) => Promise<RegExpExecArray>
  readonly ended: Promise<number | null>
}

describe('who works on a plugin', () => {
  let world: World
  let home: string
  const follow = (program: string, words: readonly string[]): Following => {
    const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: CLONE, NODE_TEST_CONTEXT: '' }
    const child = spawn(program, [...words], { cwd: home, env, detached: true })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => {
        text += piece.toString()
      })
    return {
      child,
      said: async (what) => {
        try {
          return await eventually(`it says ${what}`, () => what.exec(text) ?? undefined)
        } catch (error) {
          throw new Error(`what it said:\n${text}`, { cause: error })
        }
      },
      ended: new Promise((resolve) => child.on('exit', resolve)),
    }
  }

  before(async () => {
    world = await newWorld('[log]\ntry_to_split_stdout_stderr = 1\ntry_to_split_multiple_workers = 1\n')
    await world.start()
    home = await bootstrap(world, 'shop', 'node')
    writeFile(join(home, 'shop/server.js'), SERVER)
  })
  after(() => world.end())

  test('sees with mfserv dev what it writes, each reload with its time, and a mistake with its place', async () => {
    const { child, said, ended } = follow(join(CLONE, 'bin/mfserv'), ['dev'])
    await said(/shop answers:\n {2}http\S+\n(.|\n)*Following shop/)
    await get(`${world.url}/shop`)
    await said(/shop\/shop #[12] +asked for \/shop \{request_id=/)
    edit(join(home, 'shop/server.js'), "'one'", "'two'")
    await said(/^v2 serves after \d+\.\d s$/m)
    await untilSays('two')
    edit(join(home, 'shop/server.js'), "answer.end('two')", 'answer.end(')
    await said(/^shop is failing:\n.*shop\/server\.js:\d+ .*WORKER_FAILED(.|\n)*Meanwhile requests are answered/m)
    edit(join(home, 'shop/server.js'), 'answer.end(', "answer.end('three')")
    await said(/^v\d+ serves after \d+\.\d s$(.|\n)*^v\d+ serves after/m)
    child.kill('SIGINT')
    await said(/shop stays in development: it is served from \S+ until plugins\.uninstall shop/)
    assert.equal(await ended, 0)
    await untilSays('three')
  })

  /** nginx uses the connections that it has to the workers before for up to a second. */
  async function untilSays(text: string): Promise<void> {
    await eventually(`it says ${text}`, async () => ((await get(`${world.url}/shop`)).body === text ? true : undefined))
  }

  test('finds a file for each worker and each stream, where [log] says so', () => {
    const log = join(world.home, 'log')
    const names = [1, 2].flatMap((slot) => ['stdout', 'stderr'].map((stream) => `app_shop_shop_worker${slot}.${stream}`))
    assert.deepEqual(
      readdirSync(log).filter((name) => name.startsWith('app_')),
      names.toSorted(),
    )
    const text = (stream: string): string =>
      [1, 2].map((slot) => readFileSync(join(log, `app_shop_shop_worker${slot}.${stream}`), 'utf8')).join('')
    assert.match(text('stdout'), /asked for \/shop/)
    assert.match(text('stderr'), /SyntaxError/)
    assert.doesNotMatch(text('stderr'), /asked for/)
  })

  test('sees the same with make develop FOLLOW=1, and is told when the plugin is gone', async () => {
    const { said, ended } = follow('make', ['develop', 'FOLLOW=1'])
    await said(/Following shop/)
    await world.must('plugins.uninstall', ['shop'])
    await said(/^shop is no longer installed\.$/m)
    assert.notEqual(await ended, 0)
  })
})
