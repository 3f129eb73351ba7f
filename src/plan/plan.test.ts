import assert from 'node:assert/strict'
import test from 'node:test'
import { at, DRAINING, desire, failed, follow, observe, READY, STARTING, STOPPING, tell } from '../../test/plan/examples.ts'
import { plan } from './plan.ts'

const ONE = desire({ 'blog/web': { slots: 1, version: 'v1' } })
const TWO = desire({ 'blog/web': { slots: 2, version: 'v1' } })
const TWO_CHANGED = desire({ 'blog/web': { slots: 2, version: 'v2' } })
const NONE = desire({})

const OWN_LINKS = { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#2.g2' }
const OLD = { 'blog/web#1.g1': ['v1', READY], 'blog/web#2.g2': ['v1', READY] } as const

test('a new app can be asked at once: its requests wait in the hold, and go to the first worker that is ready', () => {
  follow(TWO, [
    {
      holds: [],
      nginx: { is: 'running', routes: NONE.routesKey },
      expect: ['open-hold blog/web', 'start blog/web#1: first', 'start blog/web#2: first', 'publish'],
    },
    { workers: { 'blog/web#1.g1': ['v1', STARTING], 'blog/web#2.g2': ['v1', STARTING] }, expect: [] },
    {
      workers: { 'blog/web#1.g1': ['v1', STARTING], 'blog/web#2.g2': ['v1', READY] },
      expect: ['link blog/web#1 -> blog/web#2.g2', 'link blog/web#2 -> blog/web#2.g2'],
    },
    {
      workers: OLD,
      links: { 'blog/web#1': 'blog/web#2.g2', 'blog/web#2': 'blog/web#2.g2' },
      expect: ['link blog/web#1 -> blog/web#1.g1'],
    },
    { workers: OLD, links: OWN_LINKS, expect: [] },
  ])
})

test('a worker that is ready gets the requests of its slot at once, while another of the app still starts', () => {
  follow(desire({ 'blog/web': { slots: 3, version: 'v1' } }), [
    {
      workers: { ...OLD, 'blog/web#3.g3': ['v1', STARTING] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#1.g1', 'blog/web#3': 'blog/web#1.g1' },
      expect: ['link blog/web#2 -> blog/web#2.g2'],
    },
  ])
})

test('the newest worker of a slot serves, in whatever order they are found', () => {
  const links = { 'blog/web#1': 'blog/web#1.g3' }
  const [older, newer] = [{ 'blog/web#1.g2': ['v1', READY] }, { 'blog/web#1.g3': ['v1', READY] }] as const
  follow(ONE, [
    { workers: { ...older, ...newer }, links, expect: ['drain blog/web#1.g2'] },
    { workers: { ...newer, ...older }, links, expect: ['drain blog/web#1.g2'] },
  ])
})

test('a changed app is tried once beside an old worker of whatever slot, and where it has been tried before', () => {
  const left = { 'blog/web#3.g3': ['v1', READY] } as const
  const links = { 'blog/web#1': 'blog/web#3.g3', 'blog/web#2': 'blog/web#3.g3', 'blog/web#3': 'blog/web#3.g3' }
  const nginx = { is: 'publishing' } as const
  follow(TWO_CHANGED, [
    {
      workers: left,
      links: { 'blog/web#3': 'blog/web#3.g3' },
      nginx,
      expect: ['start blog/web#1: first', 'link blog/web#1 -> blog/web#3.g3', 'link blog/web#2 -> blog/web#3.g3'],
    },
    {
      workers: { ...left, 'blog/web#1.g4': ['v2', failed(1, 0)], 'blog/web#2.g5': ['v2', failed(2, 0)] },
      links,
      nginx,
      expect: ['start blog/web#1: failed, 1 failed'],
    },
    {
      workers: { ...left, 'blog/web#2.g5': ['v2', failed(2, 0)] },
      links,
      nginx,
      expect: ['start blog/web#2: failed, 2 failed'],
    },
  ])
})

test('a stopped app ends its workers, keeps its hold and its routes, and comes back without publishing anything', () => {
  const stopped = { ...desire({ 'blog/web': { slots: 0, version: 'v1' } }), routesKey: TWO.routesKey }
  const nginx = { is: 'running', routes: TWO.routesKey } as const
  const gone = ['drain blog/web#1.g1', 'drain blog/web#2.g2', 'unlink blog/web#1', 'unlink blog/web#2']
  follow(stopped, [
    { workers: OLD, links: OWN_LINKS, nginx, expect: gone },
    { workers: { 'blog/web#1.g1': ['v1', DRAINING], 'blog/web#2.g2': ['v1', STOPPING] }, links: {}, nginx, expect: [] },
    { workers: {}, links: {}, nginx, expect: [] },
  ])
  follow(TWO, [{ workers: {}, links: {}, nginx, expect: ['start blog/web#1: first', 'start blog/web#2: first'] }])
})

test('a changed app is tried once, then started in every slot, and answers in the new version only when all are ready', () => {
  follow(TWO_CHANGED, [
    { workers: OLD, links: OWN_LINKS, expect: ['start blog/web#1: changed'] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', STARTING] }, links: OWN_LINKS, expect: [] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', READY] }, links: OWN_LINKS, expect: ['start blog/web#2: changed'] },
    {
      workers: { ...OLD, 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', STARTING] },
      links: OWN_LINKS,
      expect: [],
    },
    {
      workers: { ...OLD, 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', READY] },
      links: OWN_LINKS,
      expect: [
        'link blog/web#1 -> blog/web#1.g3',
        'link blog/web#2 -> blog/web#2.g4',
        'drain blog/web#1.g1',
        'drain blog/web#2.g2',
      ],
    },
    {
      workers: {
        'blog/web#1.g1': ['v1', DRAINING],
        'blog/web#2.g2': ['v1', STOPPING],
        'blog/web#1.g3': ['v2', READY],
        'blog/web#2.g4': ['v2', READY],
      },
      links: { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g4' },
      expect: [],
    },
  ])
})

test('a version that does not start leaves the old one serving, and is tried again alone, later each time', () => {
  const tried = { ...OLD, 'blog/web#1.g3': ['v2', failed(2, 250)] } as const
  follow(TWO_CHANGED, [
    { workers: tried, links: OWN_LINKS, now: 249, expect: [] },
    { workers: tried, links: OWN_LINKS, now: 250, expect: ['start blog/web#1: failed, 2 failed'] },
    {
      workers: { ...tried, 'blog/web#1.g4': ['v2', STARTING] },
      links: OWN_LINKS,
      now: 250,
      expect: ['stop blog/web#1.g3'],
    },
  ])
})

test('the slot in which a new version failed is the one in which it is tried again', () => {
  follow(TWO_CHANGED, [
    {
      workers: { ...OLD, 'blog/web#2.g3': ['v2', failed(1, 0)] },
      links: OWN_LINKS,
      expect: ['start blog/web#2: failed, 1 failed'],
    },
    { workers: { ...OLD, 'blog/web#2.g3': ['v2', failed(9, 500)] }, links: OWN_LINKS, expect: [] },
    {
      workers: { ...OLD, 'blog/web#1.g3': ['v2', failed(1, 0)], 'blog/web#2.g4': ['v2', STARTING] },
      links: OWN_LINKS,
      expect: [],
    },
  ])
})

test('a version that starts in one slot and not in the other leaves the old one in both', () => {
  const half = { ...OLD, 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', failed(4, 1_000)] } as const
  follow(TWO_CHANGED, [
    { workers: half, links: OWN_LINKS, expect: [] },
    { workers: half, links: OWN_LINKS, now: 1_000, expect: ['start blog/web#2: failed, 4 failed'] },
  ])
})

test('taking a change back ends what was started for it, and nothing else', () => {
  follow(TWO, [
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', STARTING] }, links: OWN_LINKS, expect: ['stop blog/web#1.g3'] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', failed(3, 500)] }, links: OWN_LINKS, expect: ['stop blog/web#1.g3'] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', READY] }, links: OWN_LINKS, expect: ['drain blog/web#1.g3'] },
  ])
})

test('an old worker that crashes while a new version is tried is not started again; its sibling takes its requests', () => {
  follow(TWO_CHANGED, [
    {
      workers: { ...OLD, 'blog/web#1.g1': ['v1', failed(1, 0)], 'blog/web#1.g3': ['v2', STARTING] },
      links: OWN_LINKS,
      expect: ['link blog/web#1 -> blog/web#2.g2', 'stop blog/web#1.g1'],
    },
  ])
})

test('a changed app with no worker left starts the new version in every slot at once', () => {
  follow(TWO_CHANGED, [
    {
      workers: { 'blog/web#1.g1': ['v1', failed(1, 0)], 'blog/web#2.g2': ['v1', failed(1, 0)] },
      links: OWN_LINKS,
      expect: ['start blog/web#1: changed', 'start blog/web#2: changed'],
    },
  ])
})

test('when one of two workers crashes its sibling takes its requests until the next generation is ready', () => {
  const sibling = { 'blog/web#1': 'blog/web#2.g2', 'blog/web#2': 'blog/web#2.g2' }
  const crashed = { 'blog/web#1.g1': ['v1', failed(1, 0)], 'blog/web#2.g2': ['v1', READY] } as const
  follow(TWO, [
    {
      workers: crashed,
      links: OWN_LINKS,
      expect: ['start blog/web#1: failed, 1 failed', 'link blog/web#1 -> blog/web#2.g2'],
    },
    { workers: { ...crashed, 'blog/web#1.g3': ['v1', STARTING] }, links: sibling, expect: ['stop blog/web#1.g1'] },
    {
      workers: { 'blog/web#2.g2': ['v1', READY], 'blog/web#1.g3': ['v1', READY] },
      links: sibling,
      expect: ['link blog/web#1 -> blog/web#1.g3'],
    },
  ])
})

test('a link that points at a living sibling stays there until its own worker is ready', () => {
  follow(desire({ 'blog/web': { slots: 3, version: 'v1' } }), [
    {
      workers: { ...OLD, 'blog/web#3.g3': ['v1', failed(3, 500)] },
      links: { ...OWN_LINKS, 'blog/web#3': 'blog/web#2.g2' },
      expect: [],
    },
  ])
})

test('when the only worker crashes it is started again and its link stays, so its requests wait in the hold', () => {
  const links = { 'blog/web#1': 'blog/web#1.g1' }
  const crashed = { 'blog/web#1.g1': ['v1', failed(1, 0)] } as const
  follow(ONE, [
    { workers: crashed, links, expect: ['start blog/web#1: failed, 1 failed'] },
    { workers: { ...crashed, 'blog/web#1.g2': ['v1', STARTING] }, links, expect: [] },
    {
      workers: { ...crashed, 'blog/web#1.g2': ['v1', READY] },
      links,
      expect: ['link blog/web#1 -> blog/web#1.g2', 'stop blog/web#1.g1'],
    },
    { workers: { 'blog/web#1.g2': ['v1', READY] }, links: { 'blog/web#1': 'blog/web#1.g2' }, expect: [] },
  ])
})

test('a worker that keeps crashing waits for its turn', () => {
  const workers = { 'blog/web#1.g1': ['v1', failed(3, 500)] } as const
  follow(ONE, [
    { workers, now: 499, expect: [] },
    { workers, now: 500, expect: ['start blog/web#1: failed, 3 failed'] },
  ])
})

test('of two workers that start in one slot the newer one goes on', () => {
  follow(ONE, [
    { workers: { 'blog/web#1.g1': ['v1', STARTING], 'blog/web#1.g2': ['v1', STARTING] }, expect: ['stop blog/web#1.g1'] },
  ])
})

test('no more workers start at once than the machine can bear, over all apps', () => {
  const desired = desire(Object.fromEntries(['a/x', 'b/x', 'c/x'].map((app) => [app, { slots: 2, version: 'v1' }] as const)))
  const startsBeside = (starting: readonly string[]): readonly string[] => {
    const workers = Object.fromEntries(starting.map((id) => [id, ['v1', STARTING]] as const))
    return tell(plan(desired, observe(desired, { workers }), { starting: 3 }, at(0)))
  }
  assert.deepEqual(startsBeside([]), ['start a/x#1: first', 'start a/x#2: first', 'start b/x#1: first'])
  assert.deepEqual(startsBeside(['a/x#1.g1', 'b/x#1.g2']), ['start a/x#2: first'])
  assert.deepEqual(startsBeside(['a/x#1.g1', 'a/x#2.g2', 'b/x#1.g3']), [])
  assert.deepEqual(startsBeside(['a/x#1.g1', 'a/x#2.g2', 'b/x#1.g3', 'b/x#2.g4']), [])
})

test('apps that never become ready do not keep another from starting', () => {
  const desired = desire(
    Object.fromEntries(['a/bad', 'b/bad', 'c/good'].map((app) => [app, { slots: 1, version: 'v1' }] as const)),
  )
  const workers = { 'a/bad#1.g1': ['v1', failed(7, 0)], 'b/bad#1.g1': ['v1', failed(6, 0)] } as const
  assert.deepEqual(tell(plan(desired, observe(desired, { workers }), { starting: 1 }, at(0))), ['start c/good#1: first'])
  assert.deepEqual(tell(plan(desired, observe(desired, { workers }), { starting: 2 }, at(0))), [
    'start c/good#1: first',
    'start b/bad#1: failed, 6 failed',
  ])
})
