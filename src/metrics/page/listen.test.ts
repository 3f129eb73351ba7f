import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForeign, placeOf } from './listen.ts'

test('a port is of this machine alone; with an address it is of that one', () => {
  assert.deepEqual(placeOf('9118'), { host: '127.0.0.1', port: 9118 })
  assert.deepEqual(placeOf('10.1.2.3:9118'), { host: '10.1.2.3', port: 9118 })
  assert.deepEqual(placeOf('[::]:9118'), { host: '::', port: 9118 })
  for (const written of ['', '0', '65536', 'x', '10.1.2.3:', '[::1]']) assert.equal(placeOf(written), undefined, written)
})

test('a name that only leads here is foreign where the page is for this machine, and none where it is for others too', () => {
  const [here, everywhere] = [placeOf('9118'), placeOf('0.0.0.0:9118')]
  assert.ok(here !== undefined && everywhere !== undefined)
  for (const host of ['127.0.0.1:9118', 'localhost:9118', 'localhost', '[::1]:9118'])
    assert.equal(isForeign(host, here), false, host)
  for (const host of ['', 'evil.example.org', 'localhost.example.org:9118', '10.0.0.1'])
    assert.equal(isForeign(host, here), true, host)
  assert.equal(isForeign('metrics.example.org', everywhere), false)
})
