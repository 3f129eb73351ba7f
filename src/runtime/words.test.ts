import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { words } from './words.ts'

const LINES: Readonly<Record<string, readonly string[]>> = {
  '': [],
  '  \t ': [],
  'node server.js': ['node', 'server.js'],
  '  node \t server.js\n': ['node', 'server.js'],
  'say "two words"': ['say', 'two words'],
  "say 'two words'": ['say', 'two words'],
  'say two\\ words': ['say', 'two words'],
  '--name="a b"c': ['--name=a bc'],
  '\'a\'"b"c\\d': ['abcd'],
  'empty "" \'\' words': ['empty', '', '', 'words'],
  '"it\'s"': ["it's"],
  '\'say "x"\'': ['say "x"'],
  '"a \\"quoted\\" \\\\ back"': ['a "quoted" \\ back'],
  '"\\$HOME \\`id\\`"': ['$HOME `id`'],
  '"kept \\n \\a"': ['kept \\n \\a'],
  "'kept \\'": ['kept \\'],
  'at the end \\': ['at', 'the', 'end', '\\'],
  "it's never closed": ["it's", 'never', 'closed'],
  '"never closed': ['"never', 'closed'],
  '$HOME *.js ~ `id` {unix_socket_path}': ['$HOME', '*.js', '~', '`id`', '{unix_socket_path}'],
}

for (const [line, expected] of Object.entries(LINES)) {
  test(`the command line ${JSON.stringify(line)} is the words ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(words(line), expected)
  })
}

test('any words, quoted as for a shell in any of its ways, come back as they were', () => {
  const word = fc.string({ unit: fc.oneof(fc.constantFrom(...'"\'\\$` \n\tab{}'), fc.string({ unit: 'binary', maxLength: 1 })) })
  const written = fc.tuple(word, fc.constantFrom(...QUOTINGS)).map(([text, quote]) => ({ text, line: quote(text) }))
  const blank = fc.constantFrom(' ', '\t', '  ')
  fc.assert(
    fc.property(fc.array(written), blank, (all, between) => {
      const line = all.map((one) => one.line).join(between)
      assert.deepEqual(
        words(line),
        all.map((one) => one.text),
      )
    }),
    { numRuns: 300 },
  )
})

test('a word may change its quoting in the middle', () => {
  const part = fc.tuple(fc.string(), fc.constantFrom(...QUOTINGS))
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      assert.deepEqual(words(parts.map(([text, quote]) => quote(text)).join('')), [parts.map(([text]) => text).join('')])
    }),
  )
})

const QUOTINGS = [inSingleQuotes, inDoubleQuotes, withBackslashes] as const

function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function inDoubleQuotes(text: string): string {
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`
}

function withBackslashes(text: string): string {
  return text === '' ? "''" : text.replace(/[^a-z]/gu, '\\$&')
}
