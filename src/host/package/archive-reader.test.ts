import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Problem } from '../../problem.ts'
import { readArchive, type Sink } from './archive-reader.ts'
import { isReleaseFile } from './is-release-file.ts'
import { readPackageFacts } from './read-package.ts'

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

test('a file that the system does not let us read is told with its place and the fix', async () => {
  const circle = join(directory, 'circle.plugin')
  symlinkSync('circle.plugin', circle)
  const long = join(directory, `${'x'.repeat(300)}.plugin`)
  const secret = join(directory, 'secret.plugin')
  copyFileSync(file, secret)
  chmodSync(secret, 0)
  // Nothing is secret from root.
  for (const one of [circle, long, ...(process.getuid?.() === 0 ? [] : [secret])])
    await assert.rejects(readPackageFacts(one), (error: unknown) => {
      assert.ok(error instanceof Problem, String(error))
      assert.deepEqual([error.code, error.where], ['DISK', { file: one }])
      return /could not be read/.test(error.message) && error.fix.includes(`ls -l ${one}`)
    })
  assert.equal(isReleaseFile(join(directory, 'x'.repeat(300))), true)
})

test('a file that goes away while it is read is told the same way', async () => {
  const going = join(directory, 'going.plugin')
  copyFileSync(file, going)
  const reading = readPackageFacts(going)
  rmSync(going)
  await assert.rejects(
    reading,
    (error: unknown) => error instanceof Problem && error.code === 'DISK' && error.where?.file === going,
  )
})
