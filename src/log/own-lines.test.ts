import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Millis } from '../time.ts'
import { heardIn, sourcesChanged } from './own-lines.ts'

const heard = (said: string) =>
  heardIn(
    {
      at: 5000 as Millis,
      source: { is: 'mfserv', name: 'mfserv' },
      level: 'INFO',
      requestId: undefined,
      lines: [`2026-01-28T07:52:40.000000Z     [INFO] (mfserv#60) ${said}`],
      textFrom: 28,
    },
    'blog',
  )

const CASES = [
  [sourcesChanged('blog', 70.4), { is: 'changed', at: 4930 }],
  [sourcesChanged('shop', 70), { is: 'other' }],
  ['blog/main#1.g2 is ready', { is: 'worker', state: 'ready', at: 5000 }],
  ['blog/main#12.g345 is draining', { is: 'worker', state: 'draining', at: 5000 }],
  ['blog/main#1.g2 failed: it exited with code 1; attempt 2 follows', { is: 'worker', state: 'failed', at: 5000 }],
  ['shop/main#1.g2 is ready', { is: 'other' }],
  ['plugin blog: config.ini:3  workers is "many"', { is: 'other' }],
  ['nginx reloaded: the routes changed', { is: 'other' }],
] as const
for (const [said, what] of CASES) test(`"${said}" is heard as ${what.is}`, () => assert.deepEqual(heard(said), what))
