import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { LogCursor, type LogPlace } from './log-cursor.ts'

const NAME = 'app_blog_main.log'
/** What is written in sum: each place of it differs from every other. */
const TEXT = Array.from({ length: 4000 }, (_, index) => `line ${index}\n`).join('')

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mf-cursor-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const file = (name: string, from: number, to: number): void => writeFileSync(join(directory, name), TEXT.slice(from, to))
const copy = (second: number): string => `${NAME}.202601010000${String(second).padStart(2, '0')}`
const cursorAt = (offset: number): LogCursor => new LogCursor({ directory, name: NAME }, offset)

function rest(cursor: LogCursor): string {
  const pieces: string[] = []
  for (let piece = cursor.read(700); piece.length > 0; piece = cursor.read(700)) pieces.push(piece.toString())
  return pieces.join('')
}

/** Where it stood in the log of 10,000 bytes, and at which bytes copies were cut since. */
const ROTATED: readonly (readonly [number, readonly number[]])[] = [
  [0, [8192]],
  [5000, [8192]],
  [8192, [8192]],
  [9000, [8192]],
  [10_000, [8192]],
  [10_000, [4096, 8192]],
  [9000, [4096, 8192, 12_288]],
  [9000, [10_000]],
  [0, []],
]
for (const [offset, cuts] of ROTATED)
  test(`from byte ${offset}, over copies that end at ${cuts.join(', ') || 'none'}, each byte is read once`, () => {
    file(NAME, 0, 10_000)
    const cursor = cursorAt(offset)
    for (const [index, cut] of cuts.entries()) file(copy(index + 1), cuts[index - 1] ?? 0, cut)
    file(NAME, cuts.at(-1) ?? 0, 15_000)
    const left = cursor.left()
    assert.equal(rest(cursor), TEXT.slice(offset, 15_000))
    assert.equal(left, 15_000 - offset)
    appendFileSync(join(directory, NAME), TEXT.slice(15_000, 15_100))
    assert.equal(rest(cursor), TEXT.slice(15_000, 15_100))
  })

test('a copy that is not yet taken out of the log is read once, however long that takes', () => {
  file(copy(1), 0, 5000)
  file(NAME, 5000, 15_000)
  const cursor = new LogCursor({ directory, name: NAME }, 1000, join(directory, copy(1)))
  // The log is copied up to a place, and goes on.
  file(copy(2), 5000, 13_192)
  assert.equal(rest(cursor), TEXT.slice(1000, 13_192))
  assert.equal(rest(cursor), '')
  file(NAME, 13_192, 16_000)
  assert.equal(rest(cursor), TEXT.slice(13_192, 16_000))
})

test('where a copy is gone that was not read, what came after it is the next, and nothing is read twice', () => {
  file(NAME, 0, 10_000)
  const cursor = cursorAt(3000)
  file(copy(2), 8192, 12_288)
  file(NAME, 12_288, 15_000)
  assert.equal(rest(cursor), TEXT.slice(8192, 15_000))
})

test('a log that was emptied, and written again beyond the place where it was, is read from its beginning', () => {
  file(NAME, 0, 5000)
  const cursor = cursorAt(5000)
  file(NAME, 7000, 14_000)
  assert.equal(rest(cursor), TEXT.slice(7000, 14_000))
})

test('who skips goes on before the end, and knows how much that was', () => {
  file(copy(1), 0, 4096)
  file(NAME, 4096, 15_000)
  const cursor = new LogCursor({ directory, name: NAME }, 0, join(directory, copy(1)))
  assert.equal(cursor.skip(1000), 14_000)
  assert.equal(rest(cursor), TEXT.slice(14_000, 15_000))
})

for (const [offset, cuts] of ROTATED)
  test(`a place kept as JSON at byte ${offset} goes on in another process over copies that end at ${cuts.join(', ') || 'none'}`, () => {
    file(NAME, 0, 10_000)
    const kept: LogPlace = JSON.parse(JSON.stringify(cursorAt(offset).place()))
    for (const [index, cut] of cuts.entries()) file(copy(index + 1), cuts[index - 1] ?? 0, cut)
    file(NAME, cuts.at(-1) ?? 0, 15_000)
    const cursor = LogCursor.at({ directory, name: NAME }, kept)
    assert.equal(rest(cursor), TEXT.slice(offset, 15_000))
    assert.equal(cursor.losses, 0)
  })

test('a place kept in a copy goes on there, and after it when it is gone, which counts as a loss', () => {
  const log = { directory, name: NAME }
  file(copy(1), 0, 5000)
  file(copy(2), 5000, 8000)
  file(NAME, 8000, 15_000)
  const kept = new LogCursor(log, 1000, join(directory, copy(1))).place()
  assert.equal(rest(LogCursor.at(log, kept)), TEXT.slice(1000, 15_000))
  rmSync(join(directory, copy(1)))
  const cursor = LogCursor.at(log, kept)
  assert.equal(rest(cursor), TEXT.slice(5000, 15_000))
  assert.equal(cursor.losses, 1)
})

test('a log that was emptied before it was read counts as a loss', () => {
  file(NAME, 0, 5000)
  const cursor = LogCursor.at({ directory, name: NAME }, cursorAt(5000).place())
  file(NAME, 7000, 8000)
  assert.equal(rest(cursor), TEXT.slice(7000, 8000))
  assert.equal(cursor.losses, 1)
})
