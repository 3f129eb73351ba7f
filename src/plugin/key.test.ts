import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calledHere, oldNames } from './key.ts'
import { APP_KEYS, DAEMON_KEYS, GENERAL_KEYS } from './keys.ts'
import { publicNames } from './rewrite/overrides.ts'

test('administrators may override the documented keys of an app, and no other', () => {
  const both = ['workers', 'timeout', 'debug', 'virtualdomain_based_routing_extra_vhosts', 'prefix_based_routing_extra_routes']
  const limits = ['rlimit_as', 'rlimit_nofile', 'rlimit_nproc', 'rlimit_stack', 'rlimit_core', 'rlimit_fsize']
  assert.deepEqual(publicNames('app_main', 'documented'), [...both, ...limits, 'max_age', 'start_timeout', 'graceful_timeout'])
  assert.deepEqual(publicNames('app_main', 'later'), [
    'numprocesses',
    ...both.slice(1),
    ...limits.filter((name) => name !== 'rlimit_nproc' && name !== 'rlimit_core'),
    'max_age',
    'start_timeout',
    'graceful_timeout',
    'smart_stop_signal',
    'smart_stop_delay',
    'smart_start_delay',
    'log_split_stdout_stderr',
    'log_split_multiple_workers',
  ])
})

test('administrators may override the documented keys of a daemon, and nothing that says what the plugin is', () => {
  const keys = ['numprocesses', 'graceful_timeout', 'max_age', 'debug']
  const limits = ['rlimit_as', 'rlimit_nofile', 'rlimit_nproc', 'rlimit_stack', 'rlimit_core', 'rlimit_fsize']
  assert.deepEqual(publicNames('extra_daemon_x', 'documented'), [...keys, ...limits])
  assert.deepEqual(publicNames('general', 'documented'), [])
  assert.deepEqual(publicNames('general', 'later'), [])
  assert.deepEqual(publicNames('custom', 'later'), [])
})

test('no two keys of one section have the same name in one dialect', () => {
  for (const table of [GENERAL_KEYS, APP_KEYS, DAEMON_KEYS]) {
    for (const dialect of ['documented', 'later'] as const) {
      const names = Object.values(table).flatMap((key) => key[dialect] ?? [])
      assert.deepEqual(names, [...new Set(names)])
    }
  }
})

test('a key of the other dialect is told by its name in this one, if it has one', () => {
  assert.equal(calledHere('numprocesses', APP_KEYS, 'documented'), 'In this plugin it is called "workers". ')
  assert.equal(calledHere('workers', APP_KEYS, 'later'), 'In this plugin it is called "numprocesses". ')
  assert.equal(calledHere('main_arg', APP_KEYS, 'later'), '')
  assert.equal(calledHere('nothing', APP_KEYS, 'later'), '')
})

test('the older names of a key are known by the new one', () => {
  assert.deepEqual(oldNames('main_arg', APP_KEYS), ['gunicorn_arg', 'node_arg'])
  assert.deepEqual(oldNames('timeout', APP_KEYS), ['proxy_timeout'])
  assert.deepEqual(oldNames('workers', APP_KEYS), [])
})
