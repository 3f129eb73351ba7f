import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { RequestLine } from '../../receipt/request-line.ts'
import { later, type Millis } from '../../time.ts'
import { now } from '../process/clock.ts'
import { AccessLogReader } from './access-log-reader.ts'
import { rotateLogs } from './log-rotation.ts'

const directory = mkdtempSync(join(tmpdir(), 'access'))
after(() => rmSync(directory, { recursive: true }))
const RULES = { maxBytes: 1, maxAgeMs: 0, files: 5 }
const PAST = 5000

test('requests of the plugin are told from those of others, from now on or from a moment before', async () => {
  const file = newLog()
  const begin = later(now(), -60_000)
  write(file, [...lines('blog', begin, 100), ...lines('shop', begin, 100)])
  const fromNow = follow(file, 'blog')
  const fromThen = follow(file, 'blog', later(begin, 50))
  write(file, lines('blog', later(begin, 1000), 7))
  assert.deepEqual([(await fromNow.all()).length, (await fromThen.all()).length], [7, 57])
})

test('reading back finds its place in a large log, and a log that was rotated a moment ago is read too', async () => {
  const file = newLog()
  const begin = later(now(), -600_000)
  write(file, lines('blog', begin, 20_000))
  const since = later(begin, 19_000)
  assert.equal((await follow(file, 'blog', since).all()).length, 1000)
  await rotateLogs(directory, () => RULES, new Date())
  write(file, lines('blog', later(begin, 20_000), 10))
  assert.equal((await follow(file, 'blog', since).all()).length, 0 + 10 + 1000)
})

test('no request is lost or counted twice when the log is rotated meanwhile, also when it has grown beyond where we were', async () => {
  const file = newLog()
  const begin = later(now(), -60_000)
  write(file, lines('blog', begin, 10))
  const following = follow(file, 'blog')
  const written = lines('blog', later(begin, 1000), 5000)
  write(file, written.slice(0, 100))
  await rotateLogs(directory, () => RULES, new Date())
  write(file, written.slice(100))
  const seen = await following.all()
  assert.deepEqual(
    seen.map(({ at }) => at),
    Array.from({ length: 5000 }, (_, index) => begin + 1000 + index),
  )
})

test('half a line is waited for', async () => {
  const file = newLog()
  const following = follow(file, 'blog')
  const [line = ''] = lines('blog', now(), 1)
  appendFileSync(file, line.slice(0, 40))
  await following.reader.settled(later(now(), -PAST))
  assert.equal(following.seen.length, 0)
  appendFileSync(file, `${line.slice(40)}\n`)
  assert.equal((await following.all()).length, 1)
})

test('a log that is not there yet is an empty one', async () => {
  const file = join(directory, 'none.log')
  const following = follow(file, 'blog', now())
  write(file, lines('blog', now(), 3))
  assert.equal((await following.all()).length, 3)
})

function follow(file: string, plugin: string, since?: Millis) {
  const seen: RequestLine[] = []
  const onRequest = (line: RequestLine): void => void seen.push(line)
  const reader = AccessLogReader.open({ file, plugin, onRequest, ...(since === undefined ? {} : { since }) })
  const all = async (): Promise<readonly RequestLine[]> => {
    await reader.settled(later(now(), -PAST))
    reader.close()
    return seen
  }
  return { reader, seen, all }
}

let count = 0
function newLog(): string {
  count += 1
  const file = join(directory, `nginx_access_${count}.log`)
  appendFileSync(file, '')
  return file
}

function write(file: string, all: readonly string[]): void {
  appendFileSync(file, all.map((line) => `${line}\n`).join(''))
}

/** One request for each millisecond from `begin`. */
function lines(plugin: string, begin: Millis, many: number): readonly string[] {
  return Array.from({ length: many }, (_, index) => {
    const time = ((begin + index) / 1000).toFixed(3)
    return `{ "@timestamp": "2026-11-25T16:44:14+00:00", "time": ${time}, "duration": 0.001, "status": 200, "plugin": "${plugin}", "request_id": "${plugin}${begin}${index}" }`
  })
}

test('where mfserv never ran there is no log, and that is an empty one', async () => {
  const file = join(directory, 'never/nginx_access.log')
  assert.deepEqual(await follow(file, 'blog', later(now(), -1000)).all(), [])
})
