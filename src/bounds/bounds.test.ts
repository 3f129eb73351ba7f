import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bounds, boundsOf, pluginsMemory } from './bounds.ts'
import { nextLookMs, overLimit, overPluginLimit } from './usage.ts'

const MB = 1 << 20
const GB = 2 ** 30

test('plugins together leave a tenth of the machine to mfserv and nginx, at least 512 MB, and on a small machine a quarter', () => {
  const rows = [
    [1 * GB, 768 * MB],
    [2 * GB, 1536 * MB],
    [4 * GB, 3584 * MB],
    [20 * GB, 18 * GB],
  ] as const
  for (const [machineBytes, together] of rows) assert.equal(pluginsMemory({ machineBytes }), together)
  assert.equal(pluginsMemory({ machineBytes: GB, pluginsMemoryMax: 300 * MB }), 300 * MB)
  assert.equal(pluginsMemory({ machineBytes: GB, pluginsMemoryMax: 0 }), undefined)
})

test('a worker may have what its section says, else what the module says, else half of what all have together', () => {
  const module = { machineBytes: 4 * GB }
  const none = { memoryHigh: undefined, memoryMax: undefined, tasksMax: undefined }
  const rows: readonly (readonly [Parameters<typeof boundsOf>[0], Parameters<typeof boundsOf>[1], Bounds])[] = [
    [{}, module, { memoryHigh: Math.floor(1792 * MB * 0.8), memoryMax: 1792 * MB, tasksMax: 1000 }],
    [{ memoryMax: 300 * MB }, module, { memoryHigh: 240 * MB, memoryMax: 300 * MB, tasksMax: 1000 }],
    [{ memoryMax: 300 * MB }, { ...module, memoryHigh: GB }, { memoryHigh: 240 * MB, memoryMax: 300 * MB, tasksMax: 1000 }],
    [{ memoryHigh: 0, memoryMax: 300 * MB }, module, { memoryHigh: undefined, memoryMax: 300 * MB, tasksMax: 1000 }],
    [{}, { ...module, memoryMax: 100 * MB, memoryHigh: 50 * MB }, { memoryHigh: 50 * MB, memoryMax: 100 * MB, tasksMax: 1000 }],
    [{ tasksMax: 20 }, { ...module, memoryMax: 0, tasksMax: 50 }, { ...none, tasksMax: 20 }],
    [{ memoryMax: 0, tasksMax: 0 }, module, none],
    [{}, { ...module, pluginsMemoryMax: 0 }, { ...none, tasksMax: 1000 }],
  ]
  for (const [written, of, bounds] of rows) assert.deepEqual(boundsOf(written, of), bounds)
})

const BOUNDS: Bounds = { memoryHigh: 240, memoryMax: 300, tasksMax: 20 }

test('a worker is replaced over its soft limit and killed over a hard one, and what it had is told', () => {
  const common = { kind: 'over-limit', of: 'worker' } as const
  assert.equal(overLimit({ memory: 240, tasks: 20 }, BOUNDS), undefined)
  assert.deepEqual(overLimit({ memory: 241, tasks: 20 }, BOUNDS), {
    ...common,
    what: 'memory',
    limit: 240,
    used: 241,
    outcome: 'replaced',
  })
  assert.deepEqual(overLimit({ memory: 301, tasks: 20 }, BOUNDS), {
    ...common,
    what: 'memory',
    limit: 300,
    used: 301,
    outcome: 'killed',
  })
  assert.deepEqual(overLimit({ memory: 241, tasks: 21 }, BOUNDS), {
    ...common,
    what: 'tasks',
    limit: 20,
    used: 21,
    outcome: 'killed',
  })
  assert.equal(
    overLimit({ memory: 1e12, tasks: 1e6 }, { memoryHigh: undefined, memoryMax: undefined, tasksMax: undefined }),
    undefined,
  )
})

test('of a plugin that has more than it may have as a whole the largest worker goes, and no other', () => {
  const workers = [
    { id: 'a', memory: 100, tasks: 9 },
    { id: 'b', memory: 150, tasks: 2 },
  ]
  const none = { memoryMax: undefined, tasksMax: undefined }
  const found = (bounds: Partial<typeof none> | { readonly memoryMax?: number; readonly tasksMax?: number }) => {
    const { worker, over } = { worker: undefined, over: undefined, ...overPluginLimit(workers, { ...none, ...bounds }) }
    return [worker?.id, over?.what, over?.used, over?.of]
  }
  assert.deepEqual(found({ memoryMax: 250, tasksMax: 11 }), [undefined, undefined, undefined, undefined])
  assert.deepEqual(found({ memoryMax: 249 }), ['b', 'memory', 250, 'plugin'])
  assert.deepEqual(found({ tasksMax: 10 }), ['a', 'tasks', 11, 'plugin'])
  assert.equal(overPluginLimit([], { memoryMax: 1, tasksMax: 1 }), undefined)
})

test('a worker that grows is looked at before it could be over its limit, and one that does not every two seconds', () => {
  const next = (before: number, now: number, passedMs: number) =>
    nextLookMs({ memory: before, tasks: 1 }, { memory: now, tasks: 1 }, BOUNDS, passedMs)
  assert.equal(next(100, 100, 2000), 2000)
  assert.equal(next(200, 100, 2000), 2000)
  assert.equal(next(100, 110, 2000), 2000)
  assert.equal(next(100, 170, 2000), 667)
  assert.equal(next(100, 230, 2000), 200)
  assert.equal(next(100, 1000, 2000), 200)
  assert.equal(nextLookMs(undefined, { memory: 120, tasks: 1 }, BOUNDS, 0), 200)
  assert.equal(nextLookMs({ memory: 0, tasks: 1 }, { memory: 0, tasks: 11 }, BOUNDS, 1000), 300)
})
