import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJsonObject } from './json-object.ts'

test('an object is read, and whatever else stands in the file is a mistake', () => {
  assert.deepEqual(readJsonObject('\uFEFF{"a": 1}'), { value: { a: 1 } })
  for (const text of ['[]', 'null', '1', '"a"'])
    assert.deepEqual(readJsonObject(text), { mistake: 'is not a JSON object', line: 1 })
})

test('a mistake is told with its line, which is one that has something in it', () => {
  const line = (text: string) => {
    const read = readJsonObject(text)
    return 'mistake' in read && read.line
  }
  assert.equal(line('{\n  "a": 1,\n  b\n}\n'), 3)
  assert.equal(line('{\n  "a": 1,\n\n\n'), 2, 'it goes on nowhere')
  assert.equal(line(''), 1)
})
