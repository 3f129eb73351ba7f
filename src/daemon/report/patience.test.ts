import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CandidateApp, DesiredApp, DesiredState } from '../../desired/desired.ts'
import type { AppId } from '../../desired/ids.ts'
import { patienceMs } from './patience.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('a worker may use its whole start_timeout before anybody takes it for hanging, also one of a release that is tried', () => {
  const slow = app({ startMs: HOUR })
  assert.ok(patienceMs(desired({ apps: [app({ startMs: MINUTE }), slow] }), [], []) > HOUR)
  assert.ok(patienceMs(desired({ candidates: [slow] }), [], []) > HOUR)
})

test('a worker may use its whole time to end, also one whose version is wanted no longer', () => {
  const policy = { readyMs: MINUTE, drainMs: HOUR, graceMs: HOUR, maxAgeMs: 0 }
  assert.ok(patienceMs(desired({}), [policy], []) > 2 * HOUR)
  assert.ok(patienceMs(desired({ apps: [app({ startMs: MINUTE, drainMs: HOUR, graceMs: HOUR })] }), [], []) > 2 * HOUR)
})

test('before the disk is read for the first time, the bounds of the module count', () => {
  assert.ok(patienceMs(undefined, [], [HOUR]) > HOUR)
  assert.ok(patienceMs(undefined, [], []) > 0)
})

interface Times {
  readonly startMs: number
  readonly drainMs?: number
  readonly graceMs?: number
}

function app({ startMs, drainMs = 0, graceMs = 0 }: Times): DesiredApp {
  const spec = { ready: { by: 'answer', path: '/', withinMs: startMs }, drainMs, graceMs }
  return { spec } as DesiredApp
}

function desired({
  apps = [],
  candidates = [],
}: {
  apps?: readonly DesiredApp[]
  candidates?: readonly DesiredApp[]
}): DesiredState {
  const named = <T>(values: readonly T[]) => new Map(values.map((value, index) => [`blog/${index}` as AppId, value]))
  const tried = candidates.map((one): CandidateApp => ({ app: one, canarySlots: 0 }))
  return { apps: named(apps), candidates: named(tried) } as Partial<DesiredState> as DesiredState
}
