import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import type { Millis } from '../../time.ts'
import { asKeptCounting, type KeptCounting, RequestLog } from './request-log.ts'

const BEGUN = 1_000_000_000_000 as Millis

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mf-requests-'))
  file = join(directory, 'nginx_access.log')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function line(seconds: string, plugin = 'blog'): string {
  return `{ "time": ${seconds}, "uri": "/${'x'.repeat(80)}", "duration": 0.001, "status": 200, "request_length": 80, "reply_length": 300, "plugin": "${plugin}", "app": "main", "upstream_addr": "" }\n`
}

const lineAt = (offsetMs: number): string => line(((BEGUN + offsetMs) / 1000).toFixed(3))

function counted(log: RequestLog): number {
  while (log.read(1000) === 'more');
  return log.counts().reduce((sum, { requests }) => sum + (requests['static 200'] ?? 0), 0)
}

function kept(log: RequestLog): KeptCounting | undefined {
  return asKeptCounting(JSON.parse(JSON.stringify(log.changed() ?? null)))
}

test('each request counts once, however often what counts is killed and the log rotated, also in the middle of a line', () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('write'), many: fc.nat(30) }),
    fc.record({ does: fc.constantFrom('count', 'keep', 'kill', 'tear'), many: fc.constant(0) }),
    fc.record({ does: fc.constant('rotate'), many: fc.nat(4000) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      for (const name of [file, ...copies()]) rmSync(name, { force: true })
      let [written, rotations, rest] = [0, 0, '']
      let log = RequestLog.open(file, undefined, BEGUN)
      let last = kept(log)
      const write = (text: string): void => appendFileSync(file, text)
      write(lineAt(-5))
      for (const { does, many } of steps) {
        if (does === 'write') {
          write(rest + lineAt(written).repeat(many))
          written += many + (rest === '' ? 0 : 1)
          rest = ''
        } else if (does === 'tear' && rest === '') {
          write(lineAt(0).slice(0, 40))
          rest = lineAt(0).slice(40)
        } else if (does === 'rotate') {
          const text = readFileSync(file)
          const cut = text.length - Math.min(many, text.length)
          // Nothing is put aside of a log that is shorter than a block.
          if (cut < 500) continue
          rotations += 1
          writeFileSync(copyOf(rotations), text.subarray(0, cut))
          writeFileSync(file, text.subarray(cut))
        } else if (does === 'count') counted(log)
        else if (does === 'keep') last = kept(log) ?? last
        else if (does === 'kill') log = RequestLog.open(file, last, BEGUN)
      }
      assert.equal(counted(log), written)
      assert.deepEqual([log.losses, log.unreadable], [0, 0])
    }),
    { numRuns: 60 },
  )

  function copies(): readonly string[] {
    return Array.from({ length: 31 }, (_, index) => copyOf(index))
  }

  function copyOf(number: number): string {
    return `${file}.202601010000${String(number).padStart(2, '0')}`
  }
})

test('requests from before the counting was wanted do not count', () => {
  writeFileSync(file, lineAt(-1) + lineAt(0) + lineAt(5))
  assert.equal(counted(RequestLog.open(file, undefined, BEGUN)), 2)
})

test('what is no line of the log is told, and what stands around it counts', () => {
  writeFileSync(file, `${lineAt(1)}${lineAt(1).slice(20)}nonsense\n\n${lineAt(2)}`)
  const log = RequestLog.open(file, undefined, BEGUN)
  assert.equal(counted(log), 2)
  assert.equal(log.unreadable, 3)
})

test('a log that is not there yet is an empty one, and one that was emptied before it was read is told as a loss', () => {
  const log = RequestLog.open(file, undefined, BEGUN)
  assert.equal(counted(log), 0)
  writeFileSync(file, lineAt(1).repeat(20))
  assert.equal(counted(log), 20)
  const place = kept(log)
  writeFileSync(file, lineAt(9))
  const later = RequestLog.open(file, place, BEGUN)
  assert.equal(counted(later), 21)
  assert.equal(later.losses, 1)
})

test('a file of counts that is torn, or none, is none', () => {
  for (const value of [undefined, null, 1, [], {}, { place: {} }]) assert.equal(asKeptCounting(value), undefined)
})
