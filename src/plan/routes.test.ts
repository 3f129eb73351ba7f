import test from 'node:test'
import { at, DRAINING, desire, type Found, failed, follow, READY, STARTING } from '../../test/plan/examples.ts'

const ONE = desire({ 'blog/web': { slots: 1, version: 'v1' } })
const TWO = desire({ 'blog/web': { slots: 2, version: 'v1' } })
const NONE = desire({})

const OWN_LINKS = { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#2.g2' }
const OLD = { 'blog/web#1.g1': ['v1', READY], 'blog/web#2.g2': ['v1', READY] } as const

test('a removed app answers until nginx serves the routes without it; then its workers, links and hold end', () => {
  const links = { 'blog/web#1': 'blog/web#1.g1' }
  const workers = { 'blog/web#1.g1': ['v1', READY] } as const
  const holds = ['blog/web']
  follow(NONE, [
    { workers, links, holds, nginx: { is: 'running', routes: ONE.routesKey }, expect: ['publish'] },
    { workers, links, holds, nginx: { is: 'running', routes: undefined }, expect: ['publish'] },
    { workers, links, holds, nginx: { is: 'stopped' }, expect: ['publish'] },
    { workers, links, holds, nginx: { is: 'failed', routes: NONE.routesKey, retryAt: at(1) }, expect: [] },
    { workers, links, holds, expect: ['drain blog/web#1.g1', 'unlink blog/web#1', 'close-hold blog/web'] },
    {
      workers: { 'blog/web#1.g1': ['v1', failed(1, 0)] },
      links,
      holds,
      expect: ['stop blog/web#1.g1', 'unlink blog/web#1', 'close-hold blog/web'],
    },
    { workers: { 'blog/web#1.g1': ['v1', DRAINING] }, holds: [], expect: [] },
  ])
})

test('workers of a removed app that no request reaches end at once', () => {
  follow(NONE, [
    {
      workers: {
        'blog/web#1.g1': ['v1', STARTING],
        'blog/web#2.g2': ['v1', failed(2, 250)],
        'blog/web#3.g3': ['v1', READY],
      },
      holds: ['blog/web'],
      nginx: { is: 'running', routes: TWO.routesKey },
      expect: ['publish', 'stop blog/web#1.g1', 'stop blog/web#2.g2', 'drain blog/web#3.g3'],
    },
  ])
})

test('an app that gets fewer workers hands the requests of the surplus one over before it ends', () => {
  follow(ONE, [
    {
      workers: OLD,
      links: OWN_LINKS,
      nginx: { is: 'running', routes: TWO.routesKey },
      expect: ['link blog/web#2 -> blog/web#1.g1', 'publish', 'drain blog/web#2.g2'],
    },
    {
      workers: { ...OLD, 'blog/web#2.g2': ['v1', DRAINING] },
      links: { 'blog/web#1': 'blog/web#1.g1', 'blog/web#2': 'blog/web#1.g1' },
      expect: ['unlink blog/web#2'],
    },
    { workers: OLD, links: OWN_LINKS, expect: ['drain blog/web#2.g2', 'unlink blog/web#2'] },
  ])
})

test('an app that gets fewer workers keeps a surplus one while it is the only one that answers', () => {
  const crashed = { 'blog/web#1.g1': ['v1', failed(1, 0)], 'blog/web#2.g2': ['v1', READY] } as const
  follow(ONE, [
    {
      workers: crashed,
      links: OWN_LINKS,
      nginx: { is: 'running', routes: TWO.routesKey },
      expect: ['start blog/web#1: failed, 1 failed', 'link blog/web#1 -> blog/web#2.g2', 'publish'],
    },
    {
      workers: { ...crashed, 'blog/web#1.g3': ['v1', READY] },
      links: { 'blog/web#1': 'blog/web#2.g2' },
      expect: ['link blog/web#1 -> blog/web#1.g3', 'stop blog/web#1.g1', 'drain blog/web#2.g2'],
    },
  ])
})

test('an app that gets more workers answers in the new slot at once, through a worker it has', () => {
  follow(TWO, [
    {
      workers: { 'blog/web#1.g1': ['v1', READY] },
      links: { 'blog/web#1': 'blog/web#1.g1' },
      nginx: { is: 'running', routes: ONE.routesKey },
      expect: ['start blog/web#2: first', 'link blog/web#2 -> blog/web#1.g1', 'publish'],
    },
  ])
})

test('a daemon that takes over opens the holds and publishes the routes, and leaves every worker alone', () => {
  follow(TWO, [
    {
      workers: OLD,
      links: OWN_LINKS,
      holds: [],
      nginx: { is: 'running', routes: undefined },
      expect: ['open-hold blog/web', 'publish'],
    },
  ])
})

test('nginx is started when it is down, and asked again only when its time has come or the routes are others', () => {
  const rest = { workers: OLD, links: OWN_LINKS }
  follow(TWO, [
    { ...rest, expect: [] },
    { ...rest, nginx: { is: 'stopped' }, expect: ['publish'] },
    { ...rest, nginx: { is: 'running', routes: ONE.routesKey }, expect: ['publish'] },
    { ...rest, nginx: { is: 'failed', routes: TWO.routesKey, retryAt: at(1_000) }, now: 999, expect: [] },
    { ...rest, nginx: { is: 'failed', routes: TWO.routesKey, retryAt: at(1_000) }, now: 1_000, expect: ['publish'] },
    { ...rest, nginx: { is: 'failed', routes: ONE.routesKey, retryAt: at(1_000) }, now: 999, expect: ['publish'] },
  ])
})

test('while other routes are brought into service nothing more is published, what they leave behind runs on, and the rest goes on', () => {
  const nginx = { is: 'publishing' } as const
  const links = { ...OWN_LINKS, 'gone/web#1': 'gone/web#1.g1' }
  const workers = { ...OLD, 'gone/web#1.g1': ['v1', READY] } as const
  follow(TWO, [
    { workers, links, nginx, expect: [] },
    {
      workers: { ...workers, 'blog/web#2.g2': ['v1', failed(1, 0)] },
      links,
      nginx,
      expect: ['start blog/web#2: failed, 1 failed', 'link blog/web#2 -> blog/web#1.g1'],
    },
  ])
})

test('actions come in an order that loses no request: hold, start, link, publish, then end', () => {
  const desired = desire({
    'blog/web': { slots: 1, version: 'v2' },
    'shop/web': { slots: 1, version: 'v1' },
  })
  const found: Found = {
    workers: { 'blog/web#1.g1': ['v1', READY], 'blog/web#1.g2': ['v2', READY], 'gone/web#1.g1': ['v1', STARTING] },
    links: { 'blog/web#1': 'blog/web#1.g1', 'gone/web#1': 'gone/web#1.g0' },
    holds: ['blog/web', 'gone/web'],
    nginx: { is: 'running', routes: ONE.routesKey },
  }
  follow(desired, [
    {
      ...found,
      expect: [
        'open-hold shop/web',
        'start shop/web#1: first',
        'link blog/web#1 -> blog/web#1.g2',
        'publish',
        'drain blog/web#1.g1',
        'stop gone/web#1.g1',
      ],
    },
    {
      ...found,
      nginx: { is: 'running', routes: desired.routesKey },
      expect: [
        'open-hold shop/web',
        'start shop/web#1: first',
        'link blog/web#1 -> blog/web#1.g2',
        'drain blog/web#1.g1',
        'stop gone/web#1.g1',
        'unlink gone/web#1',
        'close-hold gone/web',
      ],
    },
  ])
})
