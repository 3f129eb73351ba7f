import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestLine } from '../../receipt/request-line.ts'
import type { Millis } from '../../time.ts'
import { topOf, type WorkerSample } from './top.ts'

const sample = (plugin: string, slot: number, pid: number, memoryBytes: number, cpuSeconds: number): WorkerSample => ({
  plugin,
  app: 'main',
  slot,
  pid,
  memoryBytes,
  cpuSeconds,
})
const line = (plugin: string, link: string | undefined, durationMs: number): RequestLine => ({
  at: 0 as Millis,
  plugin,
  app: 'main',
  method: 'GET',
  status: 200,
  durationMs,
  link,
})

test('a plugin is shown with what its workers take now, and the one that takes most of the processors stands first', () => {
  const before = [sample('calm', 1, 1, 9, 100), sample('busy', 1, 2, 5, 10), sample('busy', 2, 3, 6, 10)]
  const after = [sample('calm', 1, 1, 9, 100), sample('busy', 1, 2, 5, 11), sample('busy', 2, 4, 7, 50)]
  const requests = [
    line('busy', 'busy.main.1.sock', 10),
    line('busy', 'busy.main.1.sock', 30),
    line('busy', 'busy.main.2.sock', 90),
    line('busy', undefined, 1),
    line('gone', 'gone.main.1.sock', 1),
  ]
  const top = topOf(['calm', 'asleep', 'busy'], { seconds: 2, seen: { before, after } }, { seconds: 4, seen: requests })
  const none = { requestsPerSecond: 0, p99Ms: null }
  assert.deepEqual(top, [
    {
      plugin: 'busy',
      memoryBytes: 12,
      cpuPercent: 50,
      requestsPerSecond: 1,
      p99Ms: 90,
      workers: [
        { app: 'main', slot: 1, pid: 2, memoryBytes: 5, cpuPercent: 50, requestsPerSecond: 0.5, p99Ms: 30 },
        // One that was not there before has taken nothing that is known.
        { app: 'main', slot: 2, pid: 4, memoryBytes: 7, cpuPercent: 0, requestsPerSecond: 0.25, p99Ms: 90 },
      ],
    },
    {
      plugin: 'calm',
      memoryBytes: 9,
      cpuPercent: 0,
      ...none,
      workers: [{ app: 'main', slot: 1, pid: 1, memoryBytes: 9, cpuPercent: 0, ...none }],
    },
    { plugin: 'asleep', memoryBytes: 0, cpuPercent: 0, ...none, workers: [] },
  ])
})

test('what was not looked at for any time has done nothing yet', () => {
  const [only] = topOf(
    ['blog'],
    { seconds: 0, seen: { before: [], after: [sample('blog', 1, 1, 2, 3)] } },
    { seconds: 0, seen: [] },
  )
  assert.deepEqual([only?.cpuPercent, only?.requestsPerSecond], [0, 0])
})
