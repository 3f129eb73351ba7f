import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { shellWord } from './shell-quote.ts'

test('a shell reads every quoted text back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
        { minLength: 1 },
      ),
      (texts) => {
        const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`
        assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), texts.map((text) => `${text}\0`).join(''))
      },
    ),
    { numRuns: 30, examples: [[["a'b", '$(echo pwned)', '`id`', '\n', '\\', '"', '']]] },
  )
})
