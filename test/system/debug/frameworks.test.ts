import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bootstrap, edit, eventually, newWorld, setKey, type World } from '../world.ts'
import { ask, plain, serve } from './asking.ts'

describe('debug=1 with a framework that catches exceptions itself', () => {
  const stranger = { 'X-Forwarded-For': '203.0.113.9' }
  let world: World

  before(async () => {
    world = await newWorld('real_ip = 1\nreal_ip_set_from = 127.0.0.1\n')
    await world.start()
  })
  after(() => world.end())

  test('Flask leaves its exceptions to the debugger', async () => {
    const home = await bootstrap(world, 'guide', 'flask')
    edit(join(home, 'main/wsgi.py'), 'return "Hello World !"', 'raise ValueError(6 * 7)')
    setKey(home, 'debug', '1')
    await serve(world, home)
    assert.match((await ask(`${world.url}/guide/`, {})).body, /SECRET = "\w+"/)
    assert.deepEqual(plain(await ask(`${world.url}/guide/`, stranger)), [500, 'HTTP/500 Internal Server Error'])
  })

  test('Django shows its own pages, and only to those who may debug', async () => {
    const home = await bootstrap(world, 'site', 'django')
    setKey(home, 'debug', '1')
    await serve(world, home)
    edit(join(home, 'hello/views.py'), 'return HttpResponse', 'raise ValueError(6 * 7)\n    return HttpResponse')
    const page = await eventually('the edited view is served', async () => {
      const answer = await ask(`${world.url}/site/`, {})
      return answer.status === 500 ? answer : undefined
    })
    assert.match(page.body, /<title>ValueError\s+at \/site\/<\/title>/)
    assert.match((await ask(`${world.url}/site/nothing`, {})).body, /URLconf/)
    assert.deepEqual(plain(await ask(`${world.url}/site/`, stranger)), [500, 'HTTP/500 Internal Server Error'])
    assert.deepEqual(plain(await ask(`${world.url}/site/nothing`, stranger)), [404, 'HTTP/404'])
  })
})
