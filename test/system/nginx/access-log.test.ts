import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { place, rawly } from './echo-place.ts'
import { openPlace, type Place } from './place.ts'

test('every line of the access log is JSON, whatever a client sends', async () => {
  const sent = [
    ['/echo/"quote"\\', '/echo/"quote"\\'],
    ['/mixed/"}', '/mixed/"}'],
    ['/nothing/\xc3\xa9', '/nothing/é'],
    ['/nothing/\xff\xfe', '(not UTF-8)'],
  ] as const
  const refused = ['/echo/%00%0a', '/site/\x7f"']
  for (const uri of [...sent.map(([uri]) => uri), ...refused])
    await rawly(`GET ${uri} HTTP/1.1\r\nHost: "a"\xff\r\nConnection: close\r\n\r\n`)
  await rawly('NONSENSE\r\n\r\n')
  await rawly('GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n')
  await rawly('GET /mixed/plain HTTP/1.1\r\nHost: plain.org\r\nConnection: close\r\n\r\n')
  for (const [, uri] of sent) await logged((entry) => entry['uri'] === uri)
  const last = await logged(({ host }) => host === 'plain.org')
  assert.equal(typeof last['duration'], 'number')
  assert.ok(Math.abs(Number(last['time']) * 1000 - Date.now()) < 60_000)
  assert.match(String(last['@timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/)
  assert.deepEqual(Object.keys(last), [
    '@timestamp',
    'time',
    'from',
    'host',
    'method',
    'uri',
    'duration',
    'status',
    'request_length',
    'reply_length',
    'plugin',
    'request_id',
    'app',
    'upstream_addr',
    'upstream_status',
    'upstream_response_time',
    'connection',
    'kind',
  ])
  assert.deepEqual([last['plugin'], last['app'], last['status'], last['kind']], ['mixed', 'main', 200, 'mixed'])
  assert.match(String(last['upstream_addr']), /^unix:.*echo\.sock$/)
})

test('a request that needs no escape has the same line as one that does', async () => {
  await using plain = await openPlace()
  await plain.publish({ plugins: [{ plugin: 'site', apps: [{ app: 'main', kind: 'files' }] }] })
  const odd = [
    ['/site/main/"q"\\', '/site/main/"q"\\'],
    ['/site/main/\xc3\xa9', '/site/main/é'],
    ['/site/main/\xff', '(not UTF-8)'],
  ] as const
  for (const sent of ['/site/main/a', ...odd.map(([uri]) => uri)])
    await rawly(`GET ${sent} HTTP/1.1\r\nHost: a.org\r\nConnection: close\r\n\r\n`, plain.port)
  const lineOf = (uri: string): Promise<Entry> => logged((entry) => entry['uri'] === uri, plain)
  const lean = await lineOf('/site/main/a')
  for (const [, uri] of odd) {
    assert.deepEqual(Object.entries(await lineOf(uri)).map(kindOf), Object.entries(lean).map(kindOf))
  }
  assert.deepEqual([lean['host'], lean['method'], lean['status'], lean['plugin']], ['a.org', 'GET', 404, 'site'])
})

/** Its name, and the type of its value. */
function kindOf([name, value]: readonly [string, unknown]): string {
  return `${name} ${typeof value}`
}

test('what a fragment adds to its lines cannot be a line, or a request, in the name of another plugin', async () => {
  const ways = ['forging', 'claiming', 'escaping']
  for (const how of ways) await rawly(`GET /mixed/main/${how}/ HTTP/1.1\r\nHost: ${how}.org\r\nConnection: close\r\n\r\n`)
  for (const how of ways) {
    const line = await logged(({ host }) => host === `${how}.org`)
    assert.deepEqual([line['status'], line['a']], [204, undefined])
    assert.notEqual(line['plugin'], 'site')
  }
  assert.doesNotMatch(readFileSync(join(place.paths.log, 'nginx_access.log'), 'utf8'), /forged/)
})

type Entry = Readonly<Record<string, unknown>>

/** Waits for an entry of the log, which nginx writes a moment after the answer. Every line so far must be JSON in UTF-8. */
async function logged(isMeant: (entry: Entry) => boolean, { paths }: Place = place): Promise<Entry> {
  for (;;) {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(paths.log, 'nginx_access.log')))
    const lines = text.split('\n').slice(0, -1)
    const entries = lines.map((line) => {
      assert.match(line, /^\{ "@timestamp": .* \}$/)
      return JSON.parse(line) as Entry
    })
    const found = entries.find(isMeant)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
