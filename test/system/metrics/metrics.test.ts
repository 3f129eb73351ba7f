import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ProblemReport } from '../../../src/control/protocol.ts'
import { freePort } from '../nginx/place.ts'
import { ask, eventually, get, writeFile } from '../world.ts'
import { askMany, type ClientCounts, type CountedWorld, countedWorld, sampleIn, settledCounts } from './counted.ts'

const REQUESTS = 500

describe('the numbers at /metrics', () => {
  let counted: CountedWorld
  const asked: ClientCounts = new Map()

  before(async () => {
    counted = await countedWorld('max_size_before_rotation = 100000\n[log]\nnumber_of_rotated_files = 50')
  })
  after(() => counted.world.end())

  test('equal what a client counted, over a kill -9 of the daemon and of what counts, and over rotations', async () => {
    const { world, killCounter, killDaemon } = counted
    await askMany(world, REQUESTS, asked)
    const during = askMany(world, REQUESTS, asked)
    await killDaemon()
    await during
    await askMany(world, REQUESTS, asked)
    await killCounter()
    await eventually('the log was rotated', () =>
      readdirSync(join(world.home, 'log')).some((name) => /^nginx_access\.log\.\d+$/.test(name)) ? true : undefined,
    )
    await askMany(world, REQUESTS, asked)
    assert.deepEqual(sorted(await settledCounts(counted, asked)), sorted(asked))
    const page = await counted.page()
    assert.equal(sampleIn(page, 'mfserv_access_log_losses_total'), 0)
    assert.equal(sampleIn(page, 'mfserv_access_log_unreadable_lines_total'), 0)
    const count = sampleIn(page, 'mfserv_request_duration_seconds_count{plugin="shop",app="other"}')
    assert.equal(count, (asked.get('shop other app 500') ?? 0) + (asked.get('shop other app 200') ?? 0))
    const posted = sampleIn(page, 'mfserv_request_bytes_total{plugin="shop",app="other"}') ?? 0
    assert.ok(posted > 3000 * (asked.get('shop other app 200') ?? Number.POSITIVE_INFINITY))
  })

  test('tell of workers, processes, nginx and the disk', async () => {
    const page = await counted.page()
    assert.equal(sampleIn(page, 'mfserv_workers{plugin="shop",app="main",state="ready"}'), 1)
    assert.equal(sampleIn(page, 'mfserv_plugin_state{plugin="site",state="serving"}'), 1)
    assert.equal(sampleIn(page, 'mfserv_status{status="RUNNING"}'), 1)
    for (const sample of [
      'mfserv_process_resident_memory_bytes{plugin="shop",app="main",slot="1"}',
      'mfserv_plugin_resident_memory_bytes{plugin="#core#"}',
      'mfserv_nginx_connections_accepted_total',
      'mfserv_disk_free_bytes',
    ])
      assert.ok((sampleIn(page, sample) ?? 0) > 0, sample)
  })

  test('count why workers are replaced', async () => {
    const { world } = counted
    await world.must('plugins.restart', ['shop'])
    assert.equal(sampleIn(await counted.page(), 'mfserv_worker_restarts_total{plugin="shop",app="main",cause="changed"}'), 1)
    const changes = 'mfserv_changes_total{plugin="shop",change="restart",outcome="done"}'
    await eventually('the receipt is counted', async () => (sampleIn(await counted.page(), changes) === 1 ? true : undefined))
  })

  test('come in OpenMetrics for those who prefer it, and only from /metrics of this machine', async () => {
    assert.match(await counted.page('application/openmetrics-text;version=1.0.0,text/plain;q=0.5'), /\n# EOF\n$/)
    assert.deepEqual(await Promise.all(['/', '/status'].map((path) => statusAt(counted.address, path))), [404, 404])
    assert.equal(await statusAt(counted.address, '/metrics', { host: 'rebound.example.org' }), 403)
    assert.equal(await statusAt(counted.address, '/metrics', { host: 'localhost:9118' }), 200)
  })

  test('are told to statsd by the names of MFSERV, and as spans to a collector, each in the trace that its app sees', async () => {
    const { world } = counted
    const [told, spans] = [await statsdHere(), await collectorHere()]
    const nginx = `[nginx]\nport = ${world.port}\nworkers = 2\n`
    const listen = new URL(counted.address).port
    writeFile(
      join(world.home, 'config/config.ini'),
      `${nginx}[metrics]\nlisten = ${listen}\nstatsd = ${told.port}\notlp = ${spans.url}\n`,
    )
    const begun = await eventually('a trace is begun', async () => {
      const { body } = await get(`${world.url}/shop/main/200`)
      return body === 'none' ? undefined : body
    })
    assert.match(begun, /^00-[0-9a-f]{16}([0-9a-f]{16})-\1-01$/)
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const given = `00-${trace}-00f067aa0ba902b7-01`
    const asked = await ask(`${world.url}/shop/main/200`, { headers: { traceparent: given } })
    assert.deepEqual([await asked.text(), asked.headers.get('x-request-id')], [given, trace])
    const lines = readdirSync(join(world.home, 'log'))
      .filter((name) => name.startsWith('app_shop_main'))
      .flatMap((name) => readFileSync(join(world.home, 'log', name), 'utf8').split('\n'))
    assert.ok(
      lines.some((line) => line.includes('in a trace') && line.includes(trace)),
      'what the app logs has the trace too',
    )
    const forged = await ask(`${world.url}/shop/main/200`, {
      headers: { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
    })
    assert.match(await forged.text(), /^00-(?!0{32})/)
    await eventually('both are exported', () => {
      const all = spans.received()
      const [first, second] = [all.find(({ traceId }) => begun.includes(traceId)), all.find(({ traceId }) => traceId === trace)]
      return first?.parentSpanId === undefined && second?.parentSpanId === '00f067aa0ba902b7' ? true : undefined
    })
    await eventually('statsd is told', () =>
      told.text().includes('request_counter,plugin=shop,app=main,type=dynamic,status_code=200:') ? true : undefined,
    )
    assert.match(told.text(), /request_timer,plugin=shop,app=main,type=dynamic,status_code=200:\d+\|ms/)
    told.end()
    spans.end()
  })

  test('that cannot be served where they are wanted make mfserv DEGRADED with the line, and come when they can', async () => {
    const { world } = counted
    const port = await freePort()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    other.unref()
    const nginx = `[nginx]\nport = ${world.port}\nworkers = 2\n`
    writeFile(join(world.home, 'config/config.ini'), `${nginx}[metrics]\nlisten = ${port}\n`)
    const { problems } = await world.until('it is told', (now) => now.status === 'DEGRADED' && now.problems.some(isOfMetrics))
    const told = problems.find(isOfMetrics)
    assert.match(told?.message ?? '', new RegExp(`/metrics is not served at 127.0.0.1 port ${port}: .*EADDRINUSE`))
    assert.deepEqual([told?.code, told?.line], ['PORT_IN_USE', 5])
    await new Promise((resolve) => other.close(resolve))
    await world.until('it is served', ({ status }) => status === 'RUNNING')
    assert.equal(await statusAt(`http://127.0.0.1:${port}`, '/metrics'), 200)
  })
})

function isOfMetrics({ message }: ProblemReport): boolean {
  return message.startsWith('/metrics ')
}

/** Hears what is sent by UDP. */
async function statsdHere(): Promise<{ readonly port: number; readonly text: () => string; readonly end: () => void }> {
  const socket = createSocket('udp4')
  const lines: string[] = []
  socket.on('message', (message) => lines.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return { port: socket.address().port, text: () => lines.join('\n'), end: () => socket.close() }
}

interface SentSpan {
  readonly traceId: string
  readonly parentSpanId?: string
}

/** Takes what an OpenTelemetry collector is sent. */
async function collectorHere(): Promise<{
  readonly url: string
  readonly received: () => readonly SentSpan[]
  readonly end: () => void
}> {
  const spans: SentSpan[] = []
  const server = createHttpServer(async (asked, answer) => {
    if (asked.url !== '/v1/traces') return void answer.writeHead(404).end()
    const { resourceSpans } = JSON.parse((await asked.toArray()).join(''))
    spans.push(...resourceSpans[0].scopeSpans[0].spans)
    answer.end('{}')
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const end = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, received: () => spans, end }
}

function sorted(counts: ClientCounts): readonly (readonly [string, number])[] {
  return [...counts].sort(([one], [other]) => one.localeCompare(other))
}

function statusAt(address: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address)
    const asked = request({ hostname, port, path, headers: { ...headers }, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    asked.on('error', reject)
    asked.end()
  })
}
