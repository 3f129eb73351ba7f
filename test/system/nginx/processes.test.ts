import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { nginxFront } from '../../../src/host/nginx/nginx-front.ts'
import { activeWorkers, masterOf } from '../../../src/host/nginx/processes.ts'
import { isAlive, sessionOf, signal } from '../../../src/host/process/proc.ts'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { ask, freePort, openPlace } from './place.ts'
import { page, running, withFile } from './publication.ts'

test('a port that is in use is told with the process that has it, at the start and when the port changes', async () => {
  await using place = await openPlace()
  const port = await freePort()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(port, '0.0.0.0', resolve))
  const expected = new RegExp(`^port ${port} is in use by pid ${process.pid} \\(.*node`)
  try {
    const first = await place.front.publish(place.routes({ server: { port } }))
    assert.equal(first.is === 'failed' && first.problem.code, 'PORT_IN_USE')
    assert.match(first.is === 'failed' ? first.problem.message : '', expected)
    assert.equal(place.front.pid(), undefined)
    await place.publish({})
    const second = await place.front.publish(place.routes({ server: { port } }))
    assert.match(second.is === 'failed' ? second.problem.message : '', expected)
    assert.equal((await ask(place.port, '/__mfserv/')).status, 200)
  } finally {
    other.close()
  }
  await place.publish({ server: { port } })
  assert.equal((await ask(port, '/__mfserv/')).status, 200)
})

test('when the master of nginx was killed, its workers are ended and a new nginx serves the same port', async () => {
  await using place = await openPlace()
  await place.publish({ plugins: [withFile(place, 'a')] })
  const master = masterOf(place.paths)
  assert.ok(master !== undefined)
  const workers = activeWorkers(master)
  signal(master, 'SIGKILL')
  await until(() => !isAlive(master))
  assert.equal(workers.every(isAlive), true)
  assert.equal(place.front.pid(), undefined)
  assert.deepEqual(await place.publish({ plugins: [withFile(place, 'a')] }), running('started'))
  assert.equal(workers.some(isAlive), false)
  assert.equal((await ask(place.port, '/a/')).body, 'I am a')
})

test('a stop ends the workers of a killed master too', async () => {
  await using place = await openPlace()
  await place.publish({})
  const master = masterOf(place.paths)
  assert.ok(master !== undefined)
  const workers = activeWorkers(master)
  signal(master, 'SIGKILL')
  await until(() => !isAlive(master))
  await place.front.stop(2000)
  await until(() => !workers.some(isAlive))
})

test('a pid file that names another process, or is lost, is not believed', async () => {
  await using place = await openPlace()
  await place.publish({})
  const pid = place.front.pid()
  place.write('var/nginx.pid', `${process.pid}\n`)
  assert.equal(place.front.pid(), undefined)
  assert.deepEqual(await place.publish({}), running('nothing'))
  assert.equal(place.front.pid(), pid)
  rmSync(place.paths.nginxPid)
  assert.deepEqual(await place.publish({}), running('nothing'))
  assert.equal(place.front.pid(), pid)
})

test('a reload loses no request that comes on a connection of its own', async () => {
  await using place = await openPlace()
  await place.backend('hello.sock', (request, response) => {
    request.resume().on('end', () => response.end('hello'))
  })
  const hello = { plugin: 'hello', apps: [{ app: 'main', sockets: [`${place.paths.runtimeHome}/hello.sock`] }] }
  const routes = (number: number): RoutesCase => ({ plugins: [hello, page(`p${number}`)] })
  await place.publish(routes(0))
  const answers: unknown[] = []
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      const isPost = answers.length % 2 === 0
      const answer = ask(place.port, '/hello/main', isPost ? { method: 'POST', body: 'x'.repeat(2000) } : {})
      answers.push(
        await answer.then(
          ({ status }) => status,
          (error: Error) => error.message,
        ),
      )
    }
  }
  const clients = [client(), client(), client(), client()]
  try {
    // A slow machine has had few answers after eight.
    for (let number = 1; number <= 8 || answers.length <= 50; number += 1) await place.publish(routes(number))
  } finally {
    isOver = true
    await Promise.all(clients)
  }
  assert.deepEqual([...new Set(answers)], [200])
})

test('a stop lets a request under way finish, and refuses new ones at once', async () => {
  await using place = await openPlace()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  await place.backend('slow.sock', async (_request, response) => {
    arrive()
    await gate
    response.end('done')
  })
  await place.publish({
    plugins: [{ plugin: 'slow', apps: [{ app: 'main', sockets: [`${place.paths.runtimeHome}/slow.sock`] }] }],
  })
  const answer = ask(place.port, '/slow/main')
  await arrived
  const stopped = place.front.stop(20_000)
  await until(
    async () =>
      (await ask(place.port, '/').then(
        () => 'answered',
        () => 'refused',
      )) === 'refused',
  )
  open()
  assert.equal((await answer).body, 'done')
  await stopped
  assert.equal(place.front.pid(), undefined)
})

test('a stop does not wait longer than it is told', async () => {
  await using place = await openPlace()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  await place.backend('never.sock', () => arrive())
  await place.publish({
    plugins: [{ plugin: 'never', apps: [{ app: 'main', sockets: [`${place.paths.runtimeHome}/never.sock`] }] }],
  })
  const answer = ask(place.port, '/never/main').catch((error: NodeJS.ErrnoException) => error.code)
  await arrived
  await place.front.stop(50)
  assert.equal(place.front.pid(), undefined)
  assert.equal(await answer, 'ECONNRESET')
})

test('nginx stays when the process that started it has ended, and the next one finds it', async () => {
  await using place = await openPlace()
  await place.publish({})
  const master = masterOf(place.paths)
  assert.ok(master !== undefined)
  // In a session of its own: no signal to the terminal or the group of mfserv reaches it.
  assert.equal(sessionOf(master.pid), master.pid)
  assert.equal(nginxFront(place.paths).pid(), master.pid)
})

/** However long it takes, but not for ever. */
async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 60_000
  while (!(await isDone())) {
    assert.ok(performance.now() < giveUpAt, 'it never came to this')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
