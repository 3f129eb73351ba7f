import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_BOUNDS } from './bounds.ts'
import {
  delegatedGroup,
  groupOfPlugin,
  groupOfWorker,
  hasFile,
  oomKills,
  ownGroup,
  valuesOfPlugin,
  valuesOfPlugins,
  valuesOfWorker,
} from './groups.ts'
import { type GroupFacts, levelOf, levelText } from './level.ts'

const MB = 1 << 20

test('the group of the service is found from wherever in it a daemon was started, and nothing else is taken for it', () => {
  const unit = '/system.slice/mfserv.service'
  const rows: readonly (readonly [string, string | undefined])[] = [
    [unit, unit],
    [`${unit}/daemon`, unit],
    [`${unit}/.control`, unit],
    [`${unit}/plugins/of-blog/web#1.g3`, unit],
    [
      '/user.slice/user-7.slice/user@7.service/app.slice/mfserv.service',
      '/user.slice/user-7.slice/user@7.service/app.slice/mfserv.service',
    ],
    ['/user.slice/user-7.slice/session-1.scope', '/user.slice/user-7.slice/session-1.scope'],
    ['/', undefined],
    ['/docker/4711', undefined],
    [`${unit}/else`, undefined],
  ]
  for (const [own, group] of rows) assert.equal(delegatedGroup(own), group, own)
  assert.equal(ownGroup('12:memory:/a\n0::/system.slice/x.service\n'), '/system.slice/x.service')
  assert.equal(ownGroup('12:memory:/a\n'), undefined)
})

test('no group has the name of a file of the kernel, whatever a plugin is called', () => {
  assert.equal(groupOfPlugin('cgroup.procs'), 'plugins/of-cgroup.procs')
  assert.equal(groupOfWorker('blog/@mail#2.g7'), 'plugins/of-blog/@mail#2.g7')
})

test('the kernel is told the limits of a worker, all of which ends together, and a few tasks more than mfserv allows', () => {
  assert.deepEqual(valuesOfWorker({ memoryHigh: 240 * MB, memoryMax: 300 * MB, tasksMax: 100 }), {
    'memory.oom.group': '1',
    'memory.high': '283115520',
    'memory.max': '314572800',
    'pids.max': '132',
  })
  const none = { 'memory.oom.group': '1', 'memory.high': 'max', 'memory.max': 'max', 'pids.max': 'max' }
  assert.deepEqual(valuesOfWorker(NO_BOUNDS), none)
})

test('a plugin has its share of the processors and the disk, and no more of the processors than it may', () => {
  const none = { memoryMax: undefined, tasksMax: undefined, cpuWeight: undefined, cpuMax: undefined, ioWeight: undefined }
  const usual = {
    'memory.max': 'max',
    'pids.max': 'max',
    'cpu.weight': '100',
    'cpu.max': 'max 100000',
    'io.weight': 'default 100',
  }
  assert.deepEqual(valuesOfPlugin(none), usual)
  assert.deepEqual(valuesOfPlugin({ memoryMax: MB, tasksMax: 8, cpuWeight: 200, cpuMax: 50, ioWeight: 10 }), {
    'memory.max': '1048576',
    'pids.max': '40',
    'cpu.weight': '200',
    'cpu.max': '50000 100000',
    'io.weight': 'default 10',
  })
  const together = { 'memory.max': '1048576', 'pids.max': '26214', 'cpu.weight': '100', 'io.weight': 'default 100' }
  assert.deepEqual(valuesOfPlugins(MB, 32_768), together)
  assert.deepEqual(valuesOfPlugins(undefined, undefined), { ...together, 'memory.max': 'max', 'pids.max': 'max' })
})

test('a file is written only where its controller is there, and kills for want of memory are counted', () => {
  assert.deepEqual(
    ['memory.max', 'cpu.max', 'pids.max'].map((file) => hasFile(file, ['memory', 'pids'])),
    [true, false, true],
  )
  assert.equal(oomKills('low 0\nhigh 9\nmax 3\noom 2\noom_kill 2\noom_group_kill 1\n'), 2)
  assert.equal(oomKills(''), 0)
})

const FACTS: GroupFacts = {
  hasControllers: true,
  startedBy: 'unit',
  isDelegated: true,
  controllers: ['memory', 'pids', 'cpu', 'io'],
  user: 'root',
}

test('the level in force is told, with what keeps a better one away and what to do about it', () => {
  const rows: readonly (readonly [Partial<GroupFacts>, RegExp, RegExp])[] = [
    [{}, /^held by the kernel \(control groups\)$/, /./],
    [{ hasControllers: false }, /^watched by mfserv, because this machine has no control groups/, /unified_cgroup_hierarchy/],
    [{ startedBy: 'person' }, /because mfserv was not started as a service$/, /mfserv service install/],
    [{ startedBy: 'old unit' }, /because the unit of the service was written by an older mfserv$/, /mfserv service install/],
    [{ isDelegated: false }, /because the control group of the service was not given to it$/, /Delegate=yes/],
    [{ isDelegated: undefined }, /was not given to it$/, /Delegate=yes/],
    [{ controllers: ['cpu', 'pids'] }, /has not the controllers memory and pids$/, /Delegate=yes/],
    [{ controllers: ['memory', 'pids'], user: 'other' }, /^held by the kernel .*, without cpu and io$/, /user@\.service\.d/],
  ]
  for (const [facts, text, fix] of rows) {
    const level = levelOf({ ...FACTS, ...facts })
    assert.match(levelText(level), text)
    assert.match(level.fix, fix)
  }
})
