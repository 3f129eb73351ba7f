import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appTree } from '../../test/support/app-tree.ts'
import { brokenFiles } from './broken.ts'
import { misreadLines } from './procfile.ts'
import { pythonFiles } from './python/modules.ts'
import { firstLineLike, isWhole, jsonObject } from './tree.ts'

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

test('a file is judged as a whole as long as it fits into what is read of it, whatever its characters', () => {
  assert.equal(isWhole('€'.repeat(87_381)), true)
  assert.equal(isWhole('€'.repeat(87_382)), false)
})

test('JSON that is no object says nothing', () => {
  for (const text of ['[1]', 'null', '7', '"a"', '{', '']) assert.equal(jsonObject(appTree({ a: text }), 'a'), undefined, text)
  assert.deepEqual(jsonObject(appTree({ a: '{}' }), 'a'), {})
})

test('a file in UTF-16 is named as that, and not as broken', () => {
  const text = Buffer.from('{"name":"x"}', 'utf16le').toString('latin1')
  const [problem] = brokenFiles(appTree({ 'package.json': text }), '/x')
  assert.equal(problem?.code, 'NOT_UTF8')
})

test('a line of a Procfile that is longer than 500 characters is no process, and 100 characters of it are shown', () => {
  const line = `web: ${'x'.repeat(495)}`
  assert.deepEqual(misreadLines(appTree({ Procfile: line })), [])
  const [misread] = misreadLines(appTree({ Procfile: `${line}x` }))
  assert.equal(misread?.message, `"${line.slice(0, 100)}…" is no process: a process is NAME: COMMAND`)
  const [whole] = misreadLines(appTree({ Procfile: '-'.repeat(100) }))
  assert.equal(whole?.message, `"${'-'.repeat(100)}" is no process: a process is NAME: COMMAND`)
})
