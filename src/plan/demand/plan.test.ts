import test from 'node:test'
import { at, DRAINING, desire, failed, follow, READY, STARTING } from '../../../test/plan/examples.ts'

const app = (slots: number, version = 'v1') => desire({ 'blog/web': { slots, version, most: 4 } })
const ready = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`blog/web#${name}`, ['v1', READY] as const]))
const links = (...targets: readonly string[]) =>
  Object.fromEntries(targets.map((target, index) => [`blog/web#${index + 1}`, `blog/web#${target}`]))

test('an app that falls asleep has its requests come to the hold before a worker ends', () => {
  follow(app(0), [
    {
      workers: ready('1.g1', '2.g1'),
      links: links('1.g1', '2.g1', '1.g1', '2.g1'),
      expect: [
        'unlink blog/web#1',
        'unlink blog/web#2',
        'unlink blog/web#3',
        'unlink blog/web#4',
        'drain blog/web#1.g1',
        'drain blog/web#2.g1',
      ],
    },
    { workers: { 'blog/web#1.g1': ['v1', DRAINING] }, expect: [] },
    { expect: [] },
  ])
})

test('it sleeps whatever becomes of other routes, and nothing is published for it', () => {
  const workers = ready('1.g1')
  const elsewhere = { is: 'failed', routes: app(1).routesKey, retryAt: at(9) } as const
  follow(app(0), [
    { workers, links: links('1.g1'), nginx: elsewhere, expect: ['unlink blog/web#1', 'drain blog/web#1.g1'] },
    { workers, links: links('1.g1'), nginx: { is: 'publishing' }, expect: ['unlink blog/web#1', 'drain blog/web#1.g1'] },
  ])
})

test('it wakes up with one worker, which every slot that nginx knows leads to', () => {
  follow(app(1), [
    { expect: ['start blog/web#1: first'] },
    { workers: { 'blog/web#1.g2': ['v1', STARTING] }, expect: [] },
    {
      workers: { 'blog/web#1.g2': ['v1', READY], 'blog/web#2.g1': ['v1', DRAINING] },
      expect: [1, 2, 3, 4].map((slot) => `link blog/web#${slot} -> blog/web#1.g2`),
    },
    { workers: { 'blog/web#1.g2': ['v1', failed(2, 500)] }, expect: [] },
  ])
})

test('with more workers the slots without one of their own lead to each of them in turn, and with fewer again', () => {
  follow(app(2), [
    { workers: ready('1.g1'), links: links('1.g1', '1.g1', '1.g1', '1.g1'), expect: ['start blog/web#2: first'] },
    {
      workers: ready('1.g1', '2.g1'),
      links: links('1.g1', '1.g1', '1.g1', '1.g1'),
      expect: ['link blog/web#2 -> blog/web#2.g1', 'link blog/web#4 -> blog/web#2.g1'],
    },
    {
      workers: ready('1.g1', '2.g1', '3.g1'),
      links: links('1.g1', '2.g1', '3.g1', '1.g1'),
      expect: ['link blog/web#3 -> blog/web#1.g1', 'link blog/web#4 -> blog/web#2.g1', 'drain blog/web#3.g1'],
    },
  ])
})

test('a worker too many stays while it is the only one that answers', () => {
  follow(app(1), [
    {
      workers: { 'blog/web#1.g2': ['v1', STARTING], 'blog/web#3.g1': ['v1', READY] },
      links: links('3.g1', '3.g1', '3.g1', '3.g1'),
      expect: [],
    },
  ])
})
