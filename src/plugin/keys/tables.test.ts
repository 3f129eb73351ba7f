import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyNamed, namesOf, oldNames, type PluginKey } from '../key.ts'
import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from '../keys.ts'

/** Each number with the least and the most that may be written. */
const APP_NUMBERS = {
  sleep_after: [0, 31_536_000],
  timeout: [0, 86_400],
  proxy_timeout: [0, 86_400],
  start_timeout: [0, 86_400],
  graceful_timeout: [0, 86_400],
  max_age: [0, 31_536_000],
  http_test_expected_status_code: [100, 599],
  http_test_timeout: [1, 86_400],
  rate_limit_burst: [0, 100_000],
  connection_limit: [0, 100_000],
  request_limit: [0, 100_000],
  static_max_age: [0, 31_536_000],
  upload_max_body_size: [0, 1_000_000],
  request_header_max_size: [0, 1024],
  rlimit_as: [1, 9_007_199_254_740_991],
  rlimit_nofile: [1, 9_007_199_254_740_991],
  rlimit_nproc: [1, 9_007_199_254_740_991],
  rlimit_stack: [1, 9_007_199_254_740_991],
  rlimit_core: [0, 9_007_199_254_740_991],
  rlimit_fsize: [1, 9_007_199_254_740_991],
} as const
const DAEMON_NUMBERS = { numprocesses: [0, 1000], graceful_timeout: [0, 86_400], max_age: [0, 31_536_000] } as const

test('a number of an app or a daemon is taken from its least to its most, and refused beyond both', () => {
  const check = (name: string, key: PluginKey<unknown>, [least, most]: readonly [number, number]): void => {
    assert.deepEqual(key.read(`${least}`), { value: least }, name)
    assert.deepEqual(key.read(`${most}`), { value: most }, name)
    assert.ok('expected' in key.read(`${most + 1}`), name)
    assert.ok('expected' in key.read('-2'), name)
    // No limit at all is what 0 means for a limit.
    const below = key.read(`${least - 1}`)
    if (least > 0) assert.ok('expected' in below || below.value === undefined, name)
  }
  for (const [name, limits] of Object.entries(APP_NUMBERS)) check(name, APP_KEYS[name as keyof typeof APP_NUMBERS], limits)
  for (const [name, limits] of Object.entries(DAEMON_NUMBERS))
    check(name, DAEMON_KEYS[name as keyof typeof DAEMON_NUMBERS], limits)
})

test('no two keys of one section have the same name, not even in the two dialects', () => {
  for (const table of [GENERAL_KEYS, APP_KEYS, DAEMON_KEYS]) {
    const names = Object.values(table).flatMap((key) => namesOf(key))
    assert.deepEqual(names, [...new Set(names)])
  }
})

test('a key is known by its name of either dialect', () => {
  assert.equal(keyNamed('numprocesses', APP_KEYS), APP_KEYS.workers)
  assert.equal(keyNamed('workers', APP_KEYS), APP_KEYS.workers)
  assert.equal(keyNamed('nothing', APP_KEYS), undefined)
})

test('the older names of a key are known by the new one', () => {
  assert.deepEqual(oldNames('main_arg', APP_KEYS), ['gunicorn_arg', 'node_arg'])
  assert.deepEqual(oldNames('timeout', APP_KEYS), ['proxy_timeout'])
  assert.deepEqual(oldNames('workers', APP_KEYS), [])
})
