import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SETTINGS } from './settings.ts'
import type { Key } from './value.ts'

/** For every setting that is a whole number: the least and the most that it may be. */
const LIMITS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  'nginx.port': [0, 65_535],
  'nginx.https_port': [0, 65_535],
  'nginx.hsts_max_age': [0, 100_000_000],
  'nginx.workers': [1, 1024],
  'nginx.timeout': [1, 86_400],
  'nginx.upload_max_body_size': [0, 1_000_000],
  'nginx.smart_stop_delay': [0, 86_400],
  'nginx.smart_start_delay': [0, 86_400],
  'nginx.max_size_before_rotation': [-1, 1_000_000_000_000],
  'log.max_size_before_rotation': [0, 1_000_000_000_000],
  'log.max_age_before_rotation': [0, 3_153_600_000],
  'log.number_of_rotated_files': [1, 1000],
  'log.max_size_per_plugin': [0, 1_000_000_000_000],
  'log.max_size_in_total': [0, 1_000_000_000_000],
  'supervisor.start_timeout': [1, 3600],
  'supervisor.sleep_after': [0, 3_153_600_000],
  'supervisor.hold_timeout': [0, 3600],
  'supervisor.hold_max': [0, 1_000_000],
  'releases.keep': [1, 1000],
  'releases.history': [1, 100_000],
  'releases.watch_seconds': [0, 3600],
  'releases.watch_error_margin': [0, 100],
  'releases.watch_latency_factor': [1, 1000],
  'releases.watch_latency_floor_ms': [0, 3_600_000],
  'limits.tasks_max': [0, 4_000_000],
  'misc.core_size': [-1, 1_000_000_000_000],
  'misc.tmp_max_age': [0, 36_500],
}
/** Read -1 as 0: "none". */
const NONE_TOO = [
  'nginx.port',
  'nginx.https_port',
  ...['size_before_rotation', 'age_before_rotation', 'size_per_plugin', 'size_in_total'].map((key) => `log.max_${key}`),
]

const KEYS: readonly (readonly [name: string, key: Key<unknown>])[] = Object.entries(SETTINGS).flatMap(([section, keys]) =>
  Object.entries(keys).map(([key, known]): [string, Key<unknown>] => [`${section}.${key}`, known]),
)

test('every number of the configuration is taken up to its limits, and refused beyond them', () => {
  const numbers = KEYS.filter(([, key]) => typeof numberIn(key, '1') === 'number')
  assert.deepEqual(numbers.map(([name]) => name).sort(), Object.keys(LIMITS).sort())
  for (const [name, key] of numbers) {
    const [least, most] = LIMITS[name] ?? [Number.NaN, Number.NaN]
    const read = [least - 1, least, most, most + 1].map((number) => numberIn(key, String(number)))
    assert.deepEqual(read, [NONE_TOO.includes(name) ? 0 : undefined, least, most, undefined], name)
  }
})

function numberIn(key: Key<unknown>, written: string): unknown {
  const result = key.read(written)
  return 'value' in result ? result.value : undefined
}
