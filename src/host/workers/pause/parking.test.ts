import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLinks } from '../links.ts'
import { park } from './parking.ts'

test('of a paused plugin nginx finds no worker, everybody else does, and nothing else is touched', (t) => {
  const run = mkdtempSync(join(tmpdir(), 'mfpark'))
  t.after(() => rmSync(run, { recursive: true, force: true }))
  for (const name of ['blog', 'blog2']) {
    symlinkSync(`${name}.main.1.g7.sock`, join(run, `${name}.main.1.sock`))
    for (const file of ['1.g7.linked', '1.g7.sock', 'hold.sock']) writeFileSync(join(run, `${name}.main.${file}`), '')
  }
  const before = { names: readdirSync(run).sort(), links: readLinks(run) }
  park(run, new Set(['blog']))
  assert.deepEqual(
    readdirSync(run).filter((name) => name.endsWith('.parked')),
    ['blog.main.1.g7.linked.parked', 'blog.main.1.sock.parked'],
  )
  assert.deepEqual(readLinks(run), before.links)
  park(run, new Set())
  assert.deepEqual({ names: readdirSync(run).sort(), links: readLinks(run) }, before)
})
