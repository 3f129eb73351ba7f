import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPlugin, edit, eventually, get, newWorld, type World } from './world.ts'

let world: World

before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
})
after(() => world.end())

test('a program that listens on the socket it is given is a web application, and an edited one is swapped in', async () => {
  const home = await createPlugin(world, 'any', 'command')
  for (const path of ['', '/', '/main/x?q=1']) {
    assert.deepEqual(await get(`${world.url}/any${path}`), { status: 200, body: 'Hello World!' })
  }
  edit(join(home, 'bin/serve'), 'Hello World!', 'Hello again!')
  await eventually('the edit', async () => ((await get(`${world.url}/any`)).body === 'Hello again!' ? true : undefined))
})
