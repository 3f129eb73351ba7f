import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { shellArgument, shellWord } from './shell-quote.ts'

test('a shell reads every quoted text back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
        { minLength: 1 },
      ),
      (texts) => {
        for (const quoted of [shellWord, shellArgument]) {
          const script = `printf '%s\\0' ${texts.map(quoted).join(' ')}`
          assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), texts.map((text) => `${text}\0`).join(''))
        }
      },
    ),
    { numRuns: 30, examples: [[['/srv/a-b_1.plugin', '~', '*', "a'b", '$(echo pwned)', '`id`', '\n', '\\', '"', '']]] },
  )
})
