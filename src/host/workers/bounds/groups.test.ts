import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type DesiredBounds, desiredBounds } from '../../../bounds/bounds.ts'
import { Groups } from './groups.ts'

const UNIT = 'system.slice/mfserv.service'
const MB = 1 << 20
const BOUNDS: DesiredBounds = desiredBounds({ memoryMax: 300 * MB }, undefined, { machineBytes: 4096 * MB })
const WORKER = 'blog/web#1.g3'

/** A directory that looks like a tree of the kernel, which takes whatever is written. */
function tree(t: { after: (end: () => void) => void }, controllers = 'cpuset cpu io memory pids') {
  const root = mkdtempSync(join(tmpdir(), 'groups'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, UNIT), { recursive: true })
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n')
  for (const [file, text] of Object.entries({ controllers: `${controllers}\n`, procs: '', subtree_control: '' }))
    writeFileSync(join(root, UNIT, `cgroup.${file}`), text)
  const read = (file: string): string => readFileSync(join(root, UNIT, file), 'utf8')
  const write = (file: string, text: string): void => writeFileSync(join(root, UNIT, file), text)
  return { read, write, groups: Groups.open('unit', root, `0::/${UNIT}\n`), root }
}

test('a worker gets a group with its limits below that of its plugin, and a limit that changes is written there', (t) => {
  const { groups, read } = tree(t)
  assert.equal(groups.level.is, 'control groups')
  assert.match(groups.enter(WORKER, BOUNDS) ?? '', /plugins\/of-blog\/web#1\.g3\/cgroup\.procs$/)
  groups.hold({ machineBytes: 4096 * MB })
  const values = ['of-blog/web#1.g3/memory.max', 'of-blog/web#1.g3/memory.high', 'of-blog/cpu.max', 'memory.max']
  assert.deepEqual(
    values.map((file) => read(`plugins/${file}`)),
    ['314572800', '283115520', 'max 100000', `${3584 * MB}`],
  )
  assert.deepEqual([read('daemon/cpu.weight'), read('daemon/cgroup.procs')], ['1000', '0'])
  groups.keep(WORKER, { ...BOUNDS, worker: { ...BOUNDS.worker, memoryMax: undefined } })
  assert.equal(read('plugins/of-blog/web#1.g3/memory.max'), 'max')
})

test('a daemon that comes after one gives the controllers to the groups of workers that go on, and their limits', (t) => {
  const { groups, root, read, write } = tree(t)
  groups.enter(WORKER, BOUNDS)
  write('plugins/of-blog/cgroup.subtree_control', '')
  const next = Groups.open('unit', root, `0::/${UNIT}/daemon\n`)
  assert.equal(read('plugins/of-blog/cgroup.subtree_control'), '+memory +pids +cpu +io')
  next.keep(WORKER, { ...BOUNDS, worker: { ...BOUNDS.worker, memoryMax: 200 * MB } })
  assert.equal(read('plugins/of-blog/web#1.g3/memory.max'), `${200 * MB}`)
})

test('that the kernel has killed a worker is told with the limit: its own, or that of its plugin', (t) => {
  const { groups, write } = tree(t)
  groups.enter(WORKER, BOUNDS)
  assert.equal(groups.killedFor(WORKER), undefined)
  write('plugins/of-blog/web#1.g3/memory.events', 'max 3\noom 1\noom_kill 1\n')
  write('plugins/of-blog/web#1.g3/memory.events.local', 'max 3\noom 1\noom_kill 1\n')
  const told = { kind: 'over-limit', what: 'memory', used: undefined, outcome: 'killed' }
  assert.deepEqual(groups.killedFor(WORKER), { ...told, of: 'worker', limit: 300 * MB })
  write('plugins/of-blog/web#1.g3/memory.events.local', 'max 0\noom 0\noom_kill 1\n')
  write('plugins/of-blog/memory.max', `${200 * MB}`)
  assert.deepEqual(groups.killedFor(WORKER), { ...told, of: 'plugin', limit: 200 * MB })
})

test('what has left the session of a worker counts for it, and is killed with the group that no worker is in any more', (t) => {
  const { groups, read, write } = tree(t)
  groups.enter(WORKER, BOUNDS)
  assert.equal(groups.usageOf(WORKER), undefined)
  write('plugins/of-blog/web#1.g3/pids.current', '7\n')
  write('plugins/of-blog/web#1.g3/memory.stat', 'anon 100\nfile 900\nshmem 20\ninactive_anon 5\n')
  write('plugins/of-blog/web#1.g3/memory.swap.current', '3\n')
  assert.deepEqual(groups.usageOf(WORKER), { tasks: 7, memory: 123 })
  for (const group of ['of-blog/web#1.g3', 'of-blog']) write(`plugins/${group}/cgroup.events`, 'populated 1\nfrozen 0\n')
  groups.sweep(new Set([WORKER]))
  assert.throws(() => read('plugins/of-blog/web#1.g3/cgroup.kill'))
  groups.sweep(new Set(['blog/web#1.g4']))
  assert.equal(read('plugins/of-blog/web#1.g3/cgroup.kill'), '1')
  assert.throws(() => read('plugins/of-blog/cgroup.kill'))
})

test('where the service has not the controllers for memory and tasks, or was not given its group, nothing is made', (t) => {
  const { groups, root } = tree(t, 'cpu')
  assert.equal(groups.level.is, 'watching')
  assert.equal(groups.enter(WORKER, BOUNDS), undefined)
  const others = [
    Groups.open('person', root, `0::/${UNIT}\n`),
    Groups.open('old unit', root, `0::/${UNIT}\n`),
    Groups.open('unit', root, '0::/\n'),
  ]
  for (const one of others) assert.deepEqual([one.level.is, one.enter(WORKER, BOUNDS)], ['watching', undefined])
  groups.keep(WORKER, BOUNDS)
  groups.kill(WORKER)
  groups.sweep(new Set())
  assert.equal(groups.killedFor(WORKER), undefined)
})
