import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readArchive, type Sink } from './archive-reader.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfarchive'))
const file = join(directory, 'blog.plugin')

before(() => {
  mkdirSync(join(directory, 'metwork_plugin'))
  // More than the pipe before it holds, so that it is stopped in the middle.
  for (const name of ['a', 'b']) writeFileSync(join(directory, 'metwork_plugin', name), Buffer.alloc(3 << 20, name))
  execFileSync('tar', ['-czf', file, '-C', directory, 'metwork_plugin'])
})
after(() => rmSync(directory, { recursive: true, force: true }))

test('a disk that does not take an entry is told as it is, and not as a damaged file', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  const sink: Sink = {
    directory: () => undefined,
    link: () => undefined,
    file: () => ({
      write: () => {
        throw full
      },
      end: () => undefined,
    }),
  }
  await assert.rejects(readArchive(file, sink), (error: unknown) => error === full)
})
