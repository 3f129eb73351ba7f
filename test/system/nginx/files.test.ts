import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echoed, port, rawly } from './echo-place.ts'
import { ask } from './place.ts'

test('files are served with type, charset, ranges and conditions', async () => {
  const whole = await ask(port, '/site/')
  assert.deepEqual(
    [whole.body, whole.headers['content-type'], whole.headers['cache-control']],
    ['<p>hello</p>', 'text/html; charset=utf-8', 'no-cache'],
  )
  const etag = String(whole.headers.etag)
  assert.equal((await ask(port, '/site/', { headers: { 'If-None-Match': etag } })).status, 304)
  assert.equal(
    (await ask(port, '/site/', { headers: { 'If-Modified-Since': String(whole.headers['last-modified']) } })).status,
    304,
  )
  const part = await ask(port, '/site/', { headers: { Range: 'bytes=3-7' } })
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'hello', 'bytes 3-7/12'])
  assert.equal((await ask(port, '/site/', { headers: { Range: 'bytes=99-' } })).status, 416)
  assert.equal((await ask(port, '/site/module.wasm')).headers['content-type'], 'application/wasm')
  assert.equal((await ask(port, '/site/', { method: 'POST' })).status, 405)
  assert.equal((await ask(port, '/site/', { method: 'HEAD' })).headers['content-length'], '12')
})

test('a file that lies there compressed is sent so to who accepts it', async () => {
  assert.equal((await ask(port, '/site/app.js')).body, 'let a')
  const zipped = await ask(port, '/site/app.js', { headers: { 'Accept-Encoding': 'gzip' } })
  assert.deepEqual(
    [zipped.headers['content-encoding'], zipped.headers['content-type']],
    ['gzip', 'text/javascript; charset=utf-8'],
  )
})

test('a directory without its slash redirects to the URL with it, at the host and port that the client used', async () => {
  for (const path of ['/site', '/site/main', '/site/sub']) {
    const { status, headers } = await ask(port, `${path}?q=1`)
    assert.deepEqual([status, headers.location], [301, `${path}/?q=1`])
  }
  assert.equal((await ask(port, '/site/empty/')).status, 403)
})

test('no file is served whose name begins with a dot, and none outside the directory', async () => {
  for (const path of [
    '/site/.secret',
    '/site/.git/config',
    '/site/sub/../.secret',
    '/site/%2esecret',
    '/mixed/static/.git/config',
  ]) {
    assert.equal((await ask(port, path)).status, 404, path)
  }
  assert.equal((await ask(port, '/site/.well-known/security.txt')).body, 'Contact: us')
  for (const path of [
    '/site/../secret.txt',
    '/site/%2e%2e/secret.txt',
    '/site/..%2fsecret.txt',
    '/site../secret.txt',
    '/mixed/static../secret.txt',
  ]) {
    assert.doesNotMatch(await rawly(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`), /outside/, path)
  }
})

test('static files of an app come from its directory, the rest from the app', async () => {
  assert.equal((await ask(port, '/mixed/static/app.js')).body, 'let a')
  assert.equal((await ask(port, '/mixed/main/static/sub/')).body, 'sub')
  assert.equal((await echoed('/mixed/staticx')).url, '/mixed/staticx')
})

test("what an app's nginx fragment adds does not displace what mfserv sends", async () => {
  const { headers } = await ask(port, '/mixed/main')
  assert.equal(headers['x-frame-options'], 'DENY')
  const told = await echoed('/mixed/main')
  assert.deepEqual([told.headers['x-real-ip'], told.headers['x-forwarded-proto']], ['hidden', 'http'])
  assert.deepEqual([(await ask(port, '/mixed/main/private/')).status, (await ask(port, '/mixed/')).status], [403, 200])
})
