import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeFiles } from '../../../../test/support/write-files.ts'
import { Problem, Problems } from '../../../problem.ts'
import { readRequirements } from './read-requirements.ts'

test('a file and those it includes are read with the place of each line', (t) => {
  const home = directory(t, {
    'r.txt': '-r more/base.txt\n-c limits.txt\nflask\n-e ./lib[fast]\n--find-links ./wheels\n./wheels/x-1-py3-none-any.whl\n',
    'more/base.txt': 'six\n-r ../r.txt\n-c ../limits.txt\n',
    'limits.txt': 'six<2\n',
    'lib/setup.py': '',
    'wheels/x-1-py3-none-any.whl': '',
  })
  const { packages, constraints, locals, options, included } = readRequirements(join(home, 'r.txt'), home)
  const place = (file: string, line: number) => ({ file: join(home, file), line })
  assert.deepEqual(packages, [
    { text: 'six', where: place('more/base.txt', 1) },
    { text: 'flask', where: place('r.txt', 3) },
    { text: join(home, 'wheels/x-1-py3-none-any.whl'), where: place('r.txt', 6) },
  ])
  assert.deepEqual(constraints, [{ text: 'six<2', where: place('limits.txt', 1) }])
  assert.deepEqual(locals, [{ directory: join(home, 'lib'), extras: '[fast]', marker: '', where: place('r.txt', 4) }])
  assert.deepEqual(options, [{ name: '--find-links', value: join(home, 'wheels'), where: place('r.txt', 5) }])
  assert.ok(included.includes(join(home, 'limits.txt')))
})

test('a file that Windows wrote is read: UTF-16 in either order, with a mark in front and without one', (t) => {
  const text = 'flask\r\nsix\r\n'
  const home = directory(t, { 'marked.txt': `\ufeff${text}`, 'empty.txt': '' })
  const wide = (of: string): Buffer => Buffer.from(of, 'utf16le')
  writeFileSync(join(home, 'wide.txt'), wide(`\ufeff${text}`))
  writeFileSync(join(home, 'bare.txt'), wide(text))
  writeFileSync(join(home, 'big.txt'), wide(`\ufeff${text}`).swap16())
  writeFileSync(join(home, 'bare-big.txt'), wide(text).swap16())
  // Cut off in the middle of a letter.
  writeFileSync(join(home, 'cut.txt'), Buffer.concat([wide(`\ufeff${text}`).swap16(), Buffer.from([0])]))
  assert.deepEqual(readRequirements(join(home, 'empty.txt'), home).packages, [])
  for (const name of ['marked.txt', 'wide.txt', 'bare.txt', 'big.txt', 'bare-big.txt', 'cut.txt']) {
    const { packages } = readRequirements(join(home, name), home)
    assert.deepEqual(
      packages.map(({ text }) => text),
      ['flask', 'six'],
    )
  }
})

test('everything that is not there is said at once', (t) => {
  const home = directory(t, { 'r.txt': 'six\n./none\n-r none.txt\n', 'one.txt': './none\n' })
  assert.throws(
    () => readRequirements(join(home, 'r.txt'), home),
    (error) => error instanceof Problems && error.all.map(({ where }) => where?.line).join() === '2,3',
  )
  assert.throws(
    () => readRequirements(join(home, 'one.txt'), home),
    (error) => error instanceof Problem && error.where?.line === 1,
  )
})

function directory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(home, { recursive: true }))
  return writeFiles(home, files)
}
