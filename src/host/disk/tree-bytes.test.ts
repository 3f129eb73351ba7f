import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { treeBytes } from './tree-bytes.ts'

test('a tree takes what its files take on the disk, each once, and what a link leads to is not its own', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'tree'))
  t.after(() => rmSync(home, { recursive: true }))
  for (const name of ['data/deep', 'others']) mkdirSync(join(home, name), { recursive: true })
  writeFileSync(join(home, 'others/large'), Buffer.alloc(8 << 20, 1))
  writeFileSync(join(home, 'data/deep/file'), Buffer.alloc(1 << 20, 1))
  linkSync(join(home, 'data/deep/file'), join(home, 'data/again'))
  symlinkSync(join(home, 'others'), join(home, 'data/link'))
  const bytes = await treeBytes([join(home, 'data'), join(home, 'missing')])
  assert.ok(bytes >= 1 << 20 && bytes < 2 << 20, `${bytes}`)
})
