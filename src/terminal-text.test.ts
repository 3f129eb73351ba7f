import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { terminalJson, terminalText } from './terminal-text.ts'

/** Written by hand, so that it is not the pattern that is tested. */
function isCommand(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x09 || code === 0x0a) return false
  const ranges = [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0x61c, 0x61c],
    [0x200e, 0x200f],
    [0x2028, 0x202e],
    [0x2066, 0x2069],
    [0xd800, 0xdfff],
  ] as const
  return ranges.some(([from, to]) => code >= from && code <= to)
}

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
})

test('what moves a cursor, sets a title or turns the letters is shown and not done', () => {
  const hostile = 'a\x1b]0;mine\x07b\x1b[2Jc\rd\x9b31me\u202ef\u2066g\x7f'
  assert.equal(terminalText(hostile), 'a\\x1b]0;mine\\x07b\\x1b[2Jc\\x0dd\\x9b31me\\u202ef\\u2066g\\x7f')
  assert.equal(terminalText('Zoé  日本\tשלום\n👩‍🚀'), 'Zoé  日本\tשלום\n👩‍🚀')
})

test('no text leaves a command for the terminal, and a text without one is left as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = terminalText(text)
      assert.equal([...shown].some(isCommand), false)
      if (![...text].some(isCommand)) assert.equal(shown, text)
    }),
  )
})

test('JSON leaves none either, and reads as what was given', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, fc.array(anyText)), (data) => {
      const text = terminalJson(data)
      assert.equal([...text].some(isCommand), false)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(data)))
    }),
  )
})
