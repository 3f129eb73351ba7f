import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Problem } from '../../problem.ts'
import { VENDORED, withVendored } from './vendored.ts'

test('no package that a release brings is unpacked when one of them would fill the disk', async (t) => {
  const sources = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(sources, { recursive: true }))
  mkdirSync(join(sources, VENDORED))
  writeFileSync(join(sources, VENDORED, 'bomb-1.tar.gz'), gzipSync(Buffer.alloc(120 << 20)))
  let begun = false
  const installing = withVendored(sources, 'requirements3.txt', '/nonexistent/python3', async () => {
    begun = true
  })
  await assert.rejects(installing, (error: unknown) => {
    assert.ok(error instanceof Problem)
    assert.match(error.message, /^bomb-1\.tar\.gz: it unpacks to more than/)
    assert.match(error.fix, /^Do not install it/)
    return true
  })
  assert.equal(begun, false)
})
