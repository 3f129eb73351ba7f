import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readSourceFile } from './source-files.ts'

const home = mkdtempSync(join(tmpdir(), 'mfsource'))
const here = { os: 'linux', arch: 'x64', abi: '137' }
after(() => rmSync(home, { recursive: true, force: true }))

test('a compiled file of any size goes into a release, and is never in memory as a whole', () => {
  const opened = openSync(join(home, 'huge.node'), 'w')
  const size = 512 * (1 << 20)
  const before = process.resourceUsage().maxRSS
  try {
    writeSync(opened, elfHeader(), 0, 20, 0)
    ftruncateSync(opened, size)
    // Across two pieces that are read.
    writeSync(opened, Buffer.from('GLIBC_2.34\0_ZN2v8'), 0, 17, (1 << 20) - 8)
  } finally {
    closeSync(opened)
  }
  const file = readSourceFile(home, 'huge.node', here)
  assert.equal(file.size, size)
  assert.deepEqual(file.needs, { platform: { os: 'linux', arch: 'x64', glibc: '2.34' }, node: { abi: '137' } })
  // In kB. What was read and is garbage by now counts too, also that of other tests in this process.
  const grown = (process.resourceUsage().maxRSS - before) * 1024
  assert.ok(grown < size * 0.75, `grown by ${grown} bytes`)
})

test('what only begins like a compiled file, or is for another processor, needs nothing', () => {
  writeFileSync(join(home, 'short'), '\x7fELF')
  writeFileSync(join(home, 'empty'), '')
  writeFileSync(join(home, 'text'), 'GLIBC_2.34')
  writeFileSync(join(home, 'arm'), Buffer.concat([elfHeader(183), Buffer.from('GLIBC_2.34')]))
  for (const path of ['short', 'empty', 'text', 'arm']) assert.deepEqual(readSourceFile(home, path, here).needs, {}, path)
})

function elfHeader(machine = 62): Buffer {
  const header = Buffer.alloc(20)
  header.write('\x7fELF')
  header[5] = 1
  header.writeUInt16LE(machine, 18)
  return header
}
