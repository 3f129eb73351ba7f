import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fingerprint, watchRules } from './fingerprint.ts'

test('a program that is made executable, and an environment that is built, are changes of a plugin; the log of a build is none', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mfserv-fingerprint-'))
  t.after(() => rmSync(home, { recursive: true }))
  const now = (): string => fingerprint(home, watchRules(home))
  writeFileSync(join(home, '.autorestart_includes'), 'bin/*\n')
  mkdirSync(join(home, 'bin'))
  mkdirSync(join(home, 'local'))
  writeFileSync(join(home, 'bin/serve'), '#!/bin/sh\n', { mode: 0o644 })
  const before = now()
  writeFileSync(join(home, 'local/build.log'), '')
  assert.equal(now(), before)
  chmodSync(join(home, 'bin/serve'), 0o755)
  const executable = now()
  assert.notEqual(executable, before)
  symlinkSync('versions/1', join(home, 'local/current'))
  assert.notEqual(now(), executable)
})
