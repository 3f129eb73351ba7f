import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { entryOf, isQuiet, parted } from './together.ts'

test('a test that starts a process, opens a socket or changes its own process has one for itself', () => {
  for (const line of [
    "import { spawn } from 'node:child_process'",
    "import { createServer } from 'node:net'",
    "import { request } from 'http'",
    "import process from 'node:process'",
    "process.env['HOME'] = home",
    'process.chdir(home)',
  ])
    assert.equal(isQuiet(line), false, line)
  assert.equal(isQuiet("import assert from 'node:assert/strict'\nimport { transition } from './transition.ts'\n"), true)
  assert.equal(isQuiet("import { readFileSync } from 'node:fs'\n"), true)
})

test('a test whose fixture starts a process has one for itself too', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mftogether'))
  t.after(() => rmSync(home, { recursive: true }))
  mkdirSync(join(home, 'src'))
  writeFileSync(join(home, 'fixture.ts'), "import { spawn } from 'node:child_process'")
  const [one, two, loud] = ['one', 'two', 'loud'].map((name) => join(home, 'src', name)) as [string, string, string]
  for (const file of [one, two]) writeFileSync(file, '')
  writeFileSync(loud, "import { start } from '../fixture.ts'")
  assert.deepEqual(parted([one, two, loud], join(home, 'src')), { together: [one, two], apart: [loud] })
})

test('every file runs once: together with others or apart', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'mftogether'))
  t.after(() => rmSync(home, { recursive: true }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(home, name), text)
    return join(home, name)
  }
  const [one, two, loud] = [file('one', ''), file('two', ''), file('loud', "import { spawn } from 'node:child_process'")]
  assert.deepEqual(parted([one, loud, two, import.meta.filename], home), {
    together: [one, two],
    apart: [loud, import.meta.filename],
  })
  assert.deepEqual(parted([one, loud], home), { together: [], apart: [one, loud] })
  assert.equal(entryOf(join(home, 'cache'), [one, two]), 'import "./../one"\nimport "./../two"\n')
})
