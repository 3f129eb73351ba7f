import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask } from '../nginx/place.ts'
import { openProtected } from './protected.ts'

const place = await openProtected({
  busy: {
    'config.ini': '[app_main]\ntype=command\nmain_arg=x {port}\nworkers=1\nrequest_limit=1\n',
    'main/x': '',
  },
})
after(() => place[Symbol.asyncDispose]())
const { promise: inside, resolve: enter } = Promise.withResolvers<void>()
const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
await place.backend('busy.main.1.sock', (_request, response) => {
  enter()
  void until.then(() => response.end('done'))
})

test('an app that answers as many requests as it may answers any client more with 503 and how long to wait', async () => {
  const first = ask(place.port, '/busy')
  await inside
  const second = await ask(place.port, '/busy/x', { from: '127.0.0.2' })
  goOn()
  assert.deepEqual([second.status, second.headers['retry-after'], (await first).body], [503, '1', 'done'])
})
