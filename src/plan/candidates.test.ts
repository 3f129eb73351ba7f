import { test } from 'node:test'
import { ageing, desire, failed, follow, READY, STARTING } from '../../test/plan/examples.ts'

const SERVING = { 'blog/web': { slots: 2, version: 'v1' } } as const
const OLD = { 'blog/web#1.g1': ['v1', READY], 'blog/web#2.g2': ['v1', READY] } as const
const OWN_LINKS = { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#2.g2' }
const TRIED = { 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', READY] } as const

test('a candidate is tried once, then started in every slot, and gets no request', () => {
  follow(desire(SERVING, { 'blog/web': { slots: 2, version: 'v2' } }), [
    { workers: OLD, links: OWN_LINKS, expect: ['start blog/web#1: trial'] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', STARTING] }, links: OWN_LINKS, expect: [] },
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', READY] }, links: OWN_LINKS, expect: ['start blog/web#2: trial'] },
    { workers: { ...OLD, ...TRIED }, links: OWN_LINKS, expect: [] },
  ])
})

test('a committed candidate finds its workers ready: every link changes at once, and the old workers drain', () => {
  follow(desire({ 'blog/web': { slots: 2, version: 'v2' } }), [
    {
      workers: { ...OLD, ...TRIED },
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

test('a candidate that is given up is ended, and what serves is not touched', () => {
  follow(desire(SERVING), [
    {
      workers: { ...OLD, 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', failed(2, 500)] },
      links: OWN_LINKS,
      expect: ['drain blog/web#1.g3', 'stop blog/web#2.g4'],
    },
  ])
})

test('a canary gets its slots only when the whole candidate is ready, and loses them when it is given up', () => {
  const canary = desire(SERVING, { 'blog/web': { slots: 2, version: 'v2', canarySlots: 1 } })
  const mixed = { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g2' }
  follow(canary, [
    { workers: { ...OLD, 'blog/web#1.g3': ['v2', READY], 'blog/web#2.g4': ['v2', STARTING] }, links: OWN_LINKS, expect: [] },
    { workers: { ...OLD, ...TRIED }, links: OWN_LINKS, expect: ['link blog/web#1 -> blog/web#1.g3'] },
    { workers: { ...OLD, ...TRIED }, links: mixed, expect: [] },
  ])
  follow(desire(SERVING), [
    {
      workers: { ...OLD, ...TRIED },
      links: mixed,
      expect: ['link blog/web#1 -> blog/web#1.g1', 'drain blog/web#1.g3', 'drain blog/web#2.g4'],
    },
  ])
})

test('while a canary serves, the crash of a worker of the serving version leaves the requests to its siblings', () => {
  const canary = desire(SERVING, { 'blog/web': { slots: 2, version: 'v2', canarySlots: 1 } })
  follow(canary, [
    {
      workers: { ...OLD, 'blog/web#2.g2': ['v1', failed(1, 0)], ...TRIED },
      links: { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g2' },
      expect: ['start blog/web#2: failed, 1 failed', 'link blog/web#2 -> blog/web#1.g3'],
    },
  ])
})

test('a candidate of an app that does not serve yet starts in every slot at once, without a link', () => {
  follow(desire({}, { 'blog/web': { slots: 2, version: 'v1' } }), [
    { workers: {}, expect: ['start blog/web#1: trial', 'start blog/web#2: trial'] },
  ])
})

test('a worker past its age is not replaced while a candidate is tried: the commit does that', () => {
  follow(desire(SERVING, { 'blog/web': { slots: 2, version: 'v2' } }), [
    { workers: { ...OLD, 'blog/web#1.g1': ['v1', ageing(0)], ...TRIED }, links: OWN_LINKS, now: 10, expect: [] },
  ])
})

test('while a canary serves, the crash of the worker beside it gives the canary no more requests', () => {
  const canary = desire(SERVING, { 'blog/web': { slots: 2, version: 'v2', canarySlots: 1 } })
  follow(canary, [
    {
      workers: { ...OLD, 'blog/web#1.g1': ['v1', failed(1, 0)], ...TRIED },
      links: { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g2' },
      expect: ['start blog/web#1: failed, 1 failed'],
    },
  ])
})

test('a third version that comes while a canary serves is tried beside what the canary was tried beside', () => {
  follow(desire({ 'blog/web': { slots: 2, version: 'v3' } }), [
    {
      workers: { ...OLD, ...TRIED },
      links: { 'blog/web#1': 'blog/web#1.g3', 'blog/web#2': 'blog/web#2.g2' },
      expect: [
        'start blog/web#1: changed',
        'link blog/web#1 -> blog/web#2.g2',
        'drain blog/web#1.g1',
        'drain blog/web#1.g3',
        'drain blog/web#2.g4',
      ],
    },
  ])
})

test('a renewal that failed is given up while a candidate is tried; one that has begun goes on', () => {
  const trial = desire(SERVING, { 'blog/web': { slots: 2, version: 'v2' } })
  const workers = { ...OLD, 'blog/web#1.g1': ['v1', ageing(0)], ...TRIED } as const
  follow(trial, [
    { workers: { ...workers, 'blog/web#1.g5': ['v1', failed(2, 500)] }, links: OWN_LINKS, expect: ['stop blog/web#1.g5'] },
    { workers: { ...workers, 'blog/web#1.g5': ['v1', STARTING] }, links: OWN_LINKS, expect: [] },
  ])
})
