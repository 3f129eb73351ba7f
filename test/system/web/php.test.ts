import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ask, createPlugin, develop, eventually, get, newWorld, setKey, type World, writeFile } from '../world.ts'

/** Says what PHP was told about a request. */
const TELL = `<?php
echo json_encode([
  'script' => $_SERVER['SCRIPT_NAME'],
  'query' => $_SERVER['QUERY_STRING'],
  'plugin' => getenv('MFSERV_CURRENT_PLUGIN_NAME'),
  'hasId' => strlen($_SERVER['HTTP_X_REQUEST_ID']) === 32,
  'forged' => array_values(array_intersect(['HTTP_PROXY', 'HTTP_X_MFSERV_READY'], array_keys($_SERVER + getenv()))),
  'sent' => strlen(file_get_contents('php://input')),
  'pid' => getmypid(),
]);
`

describe('a PHP plugin', () => {
  let world: World
  let home: string
  const url = (path: string): string => `${world.url}/site${path}`
  const tell = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> =>
    (await ask(url(path), init)).json() as Promise<Record<string, unknown>>

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await createPlugin(world, 'site', 'php')
  })
  after(() => world.end())

  test('answers at its own URLs alone', async () => {
    for (const path of ['/none', '/none.php', '/main/index.php/more']) assert.equal((await get(url(path))).status, 404, path)
  })

  test('is told of the request: a script by its name, another URL as the index.php of its directory', async () => {
    writeFile(join(home, 'main/tell.php'), TELL)
    writeFile(join(home, 'main/blog/index.php'), TELL)
    const forged = { Proxy: 'http://203.0.113.9', 'X-Mfserv-Ready': '1' }
    const byName = await tell('/tell.php?a=1', { method: 'POST', body: 'x', headers: forged })
    assert.deepEqual(
      { ...byName, pid: 0 },
      { script: '/site/tell.php', query: 'a=1', plugin: 'site', hasId: true, forged: [], sent: 1, pid: 0 },
    )
    assert.equal((await tell('/blog'))['script'], '/site/blog/index.php')
    assert.equal((await tell('/main/blog/'))['script'], '/site/main/blog/index.php')
  })

  test('with debug=1 shows an error to who may debug, and to nobody else', async () => {
    writeFile(join(home, 'main/broken.php'), '<?php throw new Exception("the sea is missing");')
    setKey(home, 'debug', '1')
    await eventually('this machine reads the error', async () =>
      (await get(url('/broken.php'))).body.includes('the sea is missing') ? true : undefined,
    )
    for (const name of ['X-Forwarded-For', 'X-Mfserv-Debug']) {
      const foreign = await ask(url('/broken.php'), { headers: { 'X-Forwarded-For': '203.0.113.7', [name]: '1' } })
      assert.equal(foreign.status, 500)
      assert.doesNotMatch(await foreign.text(), /the sea is missing/)
    }
    setKey(home, 'debug', '0')
    await eventually('without debug nobody does', async () =>
      (await get(url('/broken.php'))).body.includes('the sea is missing') ? undefined : true,
    )
  })

  test('has its files in static served by nginx, and nothing else as a file', async () => {
    writeFile(join(home, 'main/static/style.css'), 'a {}')
    writeFile(join(home, 'main/notes.txt'), 'secret')
    await develop(world, home)
    assert.deepEqual(await get(url('/main/static/style.css')), { status: 200, body: 'a {}' })
    assert.equal((await get(url('/notes.txt'))).status, 404)
  })

  test('shows an error to nobody without debug=1', async () => {
    const failed = await get(url('/broken.php'))
    assert.equal(failed.status, 500)
    assert.doesNotMatch(failed.body, /the sea/)
  })

  test('loses no request when its only worker is killed between two, or replaced', async () => {
    setKey(home, 'workers', '1')
    await develop(world, home)
    const pidOf = async () => (await world.plugin('site')).apps[0]?.slots[0]?.pid ?? assert.fail('no worker')
    const first = await pidOf()
    process.kill(first, 'SIGKILL')
    assert.equal((await get(url(''))).status, 200)
    const second = await eventually('another worker', async () => {
      const slot = (await world.plugin('site')).apps[0]?.slots[0]
      return slot?.actual === 'ready' && slot.pid !== first ? slot.pid : undefined
    })
    let isOver = false
    const asking = (async () => {
      const answers = new Set<number>()
      while (!isOver) {
        answers.add((await get(url(''))).status)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return answers
    })()
    setKey(home, 'max_age', '7200')
    await develop(world, home)
    isOver = true
    assert.deepEqual(await asking, new Set([200]))
    assert.notEqual(await pidOf(), second)
  })
})
