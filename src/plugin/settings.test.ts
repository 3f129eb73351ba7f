import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnownKey } from './settings.ts'

test('a key has a meaning to mfserv under its name in either dialect, in the sections that have it', () => {
  const known = [
    ['app_main', 'workers'],
    ['app_main', 'numprocesses'],
    ['app_main', '_cmd_and_args'],
    ['extra_daemon_x', 'cmd_and_args'],
    ['general', '_version'],
  ] as const
  for (const [section, key] of known) assert.equal(isKnownKey(section, key), true, key)
  const free = [
    ['app_main', 'password'],
    ['custom', 'workers'],
    ['extra_daemon_x', 'workers'],
    ['general', 'workers'],
  ] as const
  for (const [section, key] of free) assert.equal(isKnownKey(section, key), false, key)
})
