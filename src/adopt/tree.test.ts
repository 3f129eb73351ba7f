import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appTree } from '../../test/support/app-tree.ts'
import { pythonFiles } from './python/modules.ts'
import { firstLineLike } from './tree.ts'

test('a line of 500 characters is read, and the first 100 of it are shown; a longer one was written by a program', () => {
  const line = `app${'x'.repeat(497)}`
  assert.equal(firstLineLike(appTree({ a: line }), 'a', /^app/)?.text, line.slice(0, 100))
  assert.equal(firstLineLike(appTree({ a: `${line}x` }), 'a', /^app/), undefined)
})

test('300 files of Python are looked at, those at the top before the others', () => {
  const files = Object.fromEntries(Array.from({ length: 301 }, (_, at) => [`a/f${at}.py`, '']))
  assert.equal(pythonFiles(appTree(files)).length, 300)
  assert.deepEqual(pythonFiles(appTree({ 'b/app.py': '', 'z.py': '', 'y.py': '' })), ['y.py', 'z.py', 'b/app.py'])
})
