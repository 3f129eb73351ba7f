import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { FACES_OF_HOLD } from '../../../src/config/own-paths.ts'
import { settleAside } from '../../../src/host/plugins/aside/aside.ts'
import { eventually } from '../world.ts'
import { type Answer, ask, openPlace, type Place } from './place.ts'

const HTML = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const JSON_TOO = { Accept: 'application/json, text/plain, */*' }
const OWN_PAGE = '<!doctype html><title>{{status}}</title><p>$uri "{{message}}" {{request_id}}</p>\n'

const FRAGMENT = `
location = /teapot { return 418; }
location = /limited { return 429; }
location = /private { auth_basic "here"; auth_basic_user_file /nowhere; try_files /x =404; }
location = /forbidden { return 403; }
location = /broken { return 500; }
location = /maintained { set $mfserv_retry_after 120; error_page 599 = @mfserv_maintenance; return 599; }
location = /maintained-too { error_page 503 @mfserv_maintenance; return 503; }
`

let place: Place

before(async () => {
  place = await openPlace()
  const home = place.paths.runtimeHome
  place.write('site/index.html', 'I am the site')
  place.write('var/stopped/off', '')
  settleAside('off', place.paths)
  // A hold says what became of a request in the header that only nginx reads.
  await place.backend('hold.sock', (request, response) => {
    const face = request.url?.split('?')[1] as keyof typeof FACES_OF_HOLD
    const isFaced = / faced( page)?$/.test(String(request.headers['x-mfserv-tried']))
    response.writeHead(503, { 'Retry-After': '7', ...(isFaced ? { 'X-Accel-Redirect': FACES_OF_HOLD[face] } : {}) })
    response.end('as plain as before')
  })
  await place.backend('own.sock', (_request, response) => response.writeHead(404).end('my own 404'))
  const files = { app: 'main', kind: 'files' as const, directory: `${home}/site` }
  const held = { app: 'main', prefixes: ['/held'], sockets: [`${home}/none.sock`], holdSocket: `${home}/hold.sock` }
  const own = { app: 'main', prefixes: ['/own'], sockets: [`${home}/own.sock`] }
  const OF_HOST = { hosts: ['site.example.org'], prefixes: ['/site'] }
  await place.publish({
    server: { uploadMaxBodySizeMb: 1 },
    plugins: [
      { plugin: 'held', apps: [held] },
      { plugin: 'off', apps: [{ ...files, prefixes: ['/off'] }] },
      { plugin: 'own', serverFragment: FRAGMENT, apps: [own] },
      {
        plugin: 'paged',
        errorPage: OWN_PAGE,
        apps: [
          { ...files, prefixes: ['/paged'], hosts: ['paged.example.org'] },
          { ...held, app: 'held', prefixes: ['/ph'] },
        ],
      },
      { plugin: 'picky', apps: [{ ...own, prefixes: ['/picky'], appFragment: 'proxy_intercept_errors on;' }] },
      { plugin: 'site', apps: [{ ...files, ...OF_HOST }] },
    ],
  })
})
after(() => place[Symbol.asyncDispose]())

const seen = (path: string, options: Parameters<typeof ask>[2] = {}): Promise<Answer> => ask(place.port, path, options)

/** The id that the answer names, which is the one of its header. */
function idIn({ body, headers }: Answer): string {
  const id = String(headers['x-request-id'])
  assert.match(id, /^[0-9a-f]{16,}$/)
  assert.ok(body.includes(id), `${body} names ${id}`)
  return id
}

test('what nginx answers itself is text for curl, a page for a browser, and JSON for who asks for it, each with the id', async () => {
  for (const [path, status, phrase] of [
    ['/nothing', 404, 'Not Found'],
    ['/site/nothing.html', 404, 'Not Found'],
    ['/limited', 429, 'Too Many Requests'],
    ['/forbidden', 403, 'Forbidden'],
    ['/broken', 500, 'Internal Server Error'],
    ['/held?held', 503, 'Service Unavailable'],
    ['/held?failing', 503, 'Service Unavailable'],
    ['/held?ended', 502, 'Bad Gateway'],
    ['/off/', 503, 'Service Unavailable'],
    ['/maintained', 503, 'Service Unavailable'],
    ['/maintained-too', 503, 'Service Unavailable'],
  ] as const) {
    for (const headers of [{}, { Accept: '*/*' }]) {
      const text = await seen(path, { headers })
      assert.deepEqual([path, text.status, text.headers['content-type']], [path, status, 'text/plain; charset=utf-8'])
      assert.match(text.body, new RegExp(`^${status} ${phrase}\n.+\nRequest id: ${idIn(text)}\n$`))
    }
    const json = await seen(path, { headers: JSON_TOO })
    assert.deepEqual([path, json.status, json.headers['content-type']], [path, status, 'application/problem+json'])
    const { detail, ...rest } = JSON.parse(json.body) as { detail: string }
    assert.deepEqual(rest, { type: 'about:blank', title: phrase, status, request_id: idIn(json) })
    assert.match(detail, /^[A-Z].+\.$/)
    const page = await seen(path === '/nothing' ? '/site/nothing' : path, { headers: HTML })
    assert.deepEqual([path, page.status, page.headers['content-type']], [path, status, 'text/html; charset=utf-8'])
    assert.match(page.headers['content-security-policy']?.toString() ?? '', /^default-src 'none'; style-src 'sha256-/)
    assert.ok(page.body.includes(detail), detail)
    idIn(page)
    for (const { headers, body } of [json, page]) {
      assert.equal(headers['cache-control'], 'no-store')
      assert.doesNotMatch(body, /nginx|mfserv|1\.\d+\.\d+/i)
    }
  }
})

test('says what is the matter, and when to come back where that is known', async () => {
  const said = async (path: string): Promise<readonly unknown[]> => {
    const { body, headers } = await seen(path)
    return [body.split('\n')[1], headers['retry-after']]
  }
  assert.deepEqual(await said('/off/'), ['The plugin off is stopped. Try again later.', undefined])
  assert.deepEqual(await said('/held?failing'), ['This application failed to start. It is tried again in 7 s.', '7'])
  assert.deepEqual(await said('/held?held'), ['The application cannot answer now. Try again in a few seconds.', '7'])
  assert.match(String((await said('/maintained'))[0]), /is in maintenance/)
  assert.equal((await said('/maintained'))[1], '120')
  assert.equal((await said('/maintained-too'))[1], undefined)
})

test('every method gets it, HEAD without a body, and the log has the method of the client', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { status, body } = await seen('/off/x', { method, body: 'x=1' })
    assert.deepEqual([method, status, body.split('\n')[0]], [method, 503, '503 Service Unavailable'])
  }
  const whole = await seen('/site/nothing')
  const head = await seen('/site/nothing', { method: 'HEAD' })
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [404, '', whole.headers['content-length']])
  const large = await seen('/own', { method: 'POST', body: Buffer.alloc((1 << 20) + 1), headers: HTML })
  assert.deepEqual([large.status, /<h1>Too much data<\/h1>/.test(large.body)], [413, true])
  const line = await eventually('the line is written', () =>
    readFileSync(`${place.paths.log}/nginx_access.log`, 'utf8')
      .split('\n')
      .find((text) => text.includes(idIn(large))),
  )
  assert.deepEqual([JSON.parse(line).method, JSON.parse(line).status], ['POST', 413])
})

test('a request that nginx cannot read gets it too', async () => {
  for (const [bytes, status] of [
    ['NONSENSE\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET /own HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    [`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['GET /own HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n', 501],
  ] as const) {
    const answer = await raw(bytes)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 60))
    assert.match(answer, new RegExp(`\r\n\r\n${status} [A-Z].*\n.+\nRequest id: [0-9a-f]+\n$`), bytes.slice(0, 60))
  }
})

test('who may enter with a password is still asked for it', async () => {
  const { status, headers, body } = await seen('/private')
  assert.deepEqual([status, headers['www-authenticate'], body.split('\n')[0]], [401, 'Basic realm="here"', '401 Unauthorized'])
})

test('answers of an app pass as they are, also where its fragment would have nginx replace those it names', async () => {
  for (const path of ['/own', '/picky']) {
    const { status, body } = await seen(path, { headers: HTML })
    assert.deepEqual([path, status, body], [path, 404, 'my own 404'])
  }
})

test('a virtual host has it too', async () => {
  const page = await seen('/nothing', { headers: { ...HTML, Host: 'site.example.org' } })
  assert.deepEqual([page.status, /<h1>Page not found<\/h1>/.test(page.body)], [404, true])
})

test('a plugin may have a page of its own, for browsers alone, in which nothing but its places is replaced', async () => {
  const tooLarge = { method: 'POST', body: Buffer.alloc((1 << 20) + 1) }
  const ofHost = { ...tooLarge, headers: { Host: 'paged.example.org' } }
  for (const [path, status, request] of [
    ['/nothing', 413, ofHost],
    ['/paged/nothing', 404, {}],
    ['/paged/index.html', 413, tooLarge],
    ['/ph?held', 503, {}],
    ['/ph?ended', 502, {}],
    ['/ph', 413, tooLarge],
  ] as const) {
    const page = await seen(path, { ...request, headers: { ...HTML, ...('headers' in request ? request.headers : {}) } })
    assert.equal(page.status, status)
    assert.match(page.body, new RegExp(`^<!doctype html><title>${status}</title><p>\\$uri "[A-Z].+\\." ${idIn(page)}</p>\n$`))
    assert.equal(page.headers['content-security-policy'], undefined)
    assert.match((await seen(path, request)).body, new RegExp(`^${status} `))
  }
})

/** What comes back for these bytes, until the connection ends. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(place.port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (part) => {
      text += String(part)
    })
    socket.on('error', reject)
    socket.on('end', () => {
      socket.end()
      resolve(text)
    })
  })
}
