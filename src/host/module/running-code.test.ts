import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runningCode } from './running-code.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mfcode'))
after(() => rmSync(scratch, { recursive: true, force: true }))

test('the code that runs has another name after a change of any of its files, and in another clone; what is no code counts not', () => {
  const clone = join(scratch, 'one')
  write(clone, 'src/cli/main.ts', 'one')
  write(clone, 'python/server.py', 'one')
  for (const directory of ['python2', 'share']) mkdirSync(join(clone, directory))
  write(clone, 'package.json', '{}')
  const before = runningCode(clone)

  write(clone, 'src/cli/main.test.ts', 'a test')
  write(clone, 'python/__pycache__/server.cpython-311.pyc', 'compiled')
  write(clone, 'docs/page.md', 'a page')
  write(clone, 'src/cli/main.ts', 'one')
  assert.equal(runningCode(clone), before)

  const seen = new Set([before])
  for (const file of ['src/cli/main.ts', 'src/new.ts', 'python/server.py', 'share/profile', 'package-lock.json']) {
    write(clone, file, 'two')
    seen.add(runningCode(clone))
  }
  cpSync(clone, join(scratch, 'two'), { recursive: true })
  seen.add(runningCode(join(scratch, 'two')))
  assert.equal(seen.size, 7)
})

function write(clone: string, file: string, text: string): void {
  mkdirSync(join(clone, file, '..'), { recursive: true })
  writeFileSync(join(clone, file), text)
}
