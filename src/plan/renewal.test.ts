import test from 'node:test'
import { ageing, DRAINING, desire, failed, follow, READY, STARTING, STOPPING } from '../../test/plan/examples.ts'
import { OVER } from '../../test/support/worker-fixture.ts'

const ONE = desire({ 'blog/web': { slots: 1, version: 'v1' } })
const TWO = desire({ 'blog/web': { slots: 2, version: 'v1' } })
const TWO_CHANGED = desire({ 'blog/web': { slots: 2, version: 'v2' } })
const OWN_LINKS = { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#2.g2' }
const OLD = { 'blog/web#1.g1': ['v1', READY], 'blog/web#2.g2': ['v1', READY] } as const

test('workers past max_age are replaced one at a time: the next only when the one before is gone', () => {
  const aged = { 'blog/web#1.g1': ['v1', ageing(1_000)], 'blog/web#2.g2': ['v1', ageing(1_000)] } as const
  const renewed = { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g2' }
  follow(TWO, [
    { workers: aged, links: OWN_LINKS, now: 999, expect: [] },
    { workers: aged, links: OWN_LINKS, now: 1_000, expect: ['start blog/web#1: max_age'] },
    { workers: { ...aged, 'blog/web#1.g3': ['v1', STARTING] }, links: OWN_LINKS, now: 1_000, expect: [] },
    {
      workers: { ...aged, 'blog/web#1.g3': ['v1', READY] },
      links: OWN_LINKS,
      now: 1_000,
      expect: ['link blog/web#1 -> blog/web#1.g3', 'drain blog/web#1.g1'],
    },
    ...[DRAINING, STOPPING].map((ending) => ({
      workers: { ...aged, 'blog/web#1.g1': ['v1', ending], 'blog/web#1.g3': ['v1', READY] } as const,
      links: renewed,
      now: 1_000,
      expect: [],
    })),
    {
      workers: { 'blog/web#2.g2': ['v1', ageing(1_000)], 'blog/web#1.g3': ['v1', READY] },
      links: renewed,
      now: 1_000,
      expect: ['start blog/web#2: max_age'],
    },
  ])
})

test('no worker is replaced for its age while another of the app is missing', () => {
  follow(TWO, [
    {
      workers: { 'blog/web#1.g1': ['v1', ageing(0)], 'blog/web#2.g2': ['v1', failed(3, 500)] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#1.g1' },
      expect: [],
    },
    {
      workers: { 'blog/web#1.g1': ['v1', ageing(0)], 'blog/web#2.g2': ['v1', STARTING] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#1.g1' },
      expect: [],
    },
  ])
})

test('no worker is replaced for its age in the moment in which old versions are drained', () => {
  follow(TWO_CHANGED, [
    {
      workers: { ...OLD, 'blog/web#1.g3': ['v2', ageing(0)], 'blog/web#2.g4': ['v2', READY] },
      links: OWN_LINKS,
      expect: [
        'link blog/web#1 -> blog/web#1.g3',
        'link blog/web#2 -> blog/web#2.g4',
        'drain blog/web#1.g1',
        'drain blog/web#2.g2',
      ],
    },
  ])
})

test('no worker is replaced for its age before every ready one gets its requests', () => {
  follow(TWO, [
    {
      workers: { 'blog/web#1.g1': ['v1', ageing(0)], 'blog/web#2.g2': ['v1', READY] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#1.g1' },
      expect: ['link blog/web#2 -> blog/web#2.g2'],
    },
  ])
})

test('two apps may replace a worker for its age at the same time', () => {
  follow(desire({ 'blog/web': { slots: 1, version: 'v1' }, 'shop/web': { slots: 1, version: 'v1' } }), [
    {
      workers: { 'blog/web#1.g1': ['v1', ageing(0)], 'shop/web#1.g1': ['v1', ageing(0)] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'shop/web#1': 'shop/web#1.g1' },
      expect: ['start blog/web#1: max_age', 'start shop/web#1: max_age'],
    },
  ])
})

test('an aged worker serves on while its replacement fails, and is replaced when one starts', () => {
  const links = { 'blog/web#1': 'blog/web#1.g1' }
  const aged = { 'blog/web#1.g1': ['v1', ageing(0)] } as const
  const tried = { ...aged, 'blog/web#1.g2': ['v1', failed(3, 500)] } as const
  follow(ONE, [
    { workers: tried, links, now: 499, expect: [] },
    { workers: tried, links, now: 500, expect: ['start blog/web#1: max_age, 3 failed'] },
    { workers: { ...tried, 'blog/web#1.g3': ['v1', STARTING] }, links, now: 500, expect: ['stop blog/web#1.g2'] },
    {
      workers: { ...aged, 'blog/web#1.g3': ['v1', READY] },
      links,
      now: 500,
      expect: ['link blog/web#1 -> blog/web#1.g3', 'drain blog/web#1.g1'],
    },
  ])
})

test('a replacement for age does not inherit the failures of an outage that is over', () => {
  follow(ONE, [
    {
      workers: { 'blog/web#1.g1': ['v1', failed(5, 0)], 'blog/web#1.g2': ['v1', ageing(0)] },
      links: { 'blog/web#1': 'blog/web#1.g2' },
      expect: ['start blog/web#1: max_age', 'stop blog/web#1.g1'],
    },
  ])
})

test('a change that comes during a replacement for age ends the replacement', () => {
  follow(desire({ 'blog/web': { slots: 1, version: 'v2' } }), [
    {
      workers: { 'blog/web#1.g1': ['v1', ageing(0)], 'blog/web#1.g2': ['v1', STARTING] },
      links: { 'blog/web#1': 'blog/web#1.g1' },
      expect: ['start blog/web#1: changed', 'stop blog/web#1.g2'],
    },
  ])
})

test('a worker with too much memory is replaced as one past its age is, and the cause is told', () => {
  const large = { ...ageing(0), renewFor: { ...OVER, outcome: 'replaced' } } as const
  const links = { 'blog/web#1': 'blog/web#1.g1' }
  follow(ONE, [
    { workers: { 'blog/web#1.g1': ['v1', large] }, links, expect: ['start blog/web#1: memory'] },
    {
      workers: { 'blog/web#1.g1': ['v1', large], 'blog/web#1.g2': ['v1', READY] },
      links,
      expect: ['link blog/web#1 -> blog/web#1.g2', 'drain blog/web#1.g1'],
    },
  ])
})
