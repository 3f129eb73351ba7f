import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../problem.ts'
import { readWrapperWords } from './wrapper-words.ts'

const CASES: Readonly<Record<string, object | 'help'>> = {
  'blog ls -l': { plugin: 'blog', argv: ['ls', '-l'], options: {} },
  'blog -- ls -l': { plugin: 'blog', argv: ['ls', '-l'], options: {} },
  'blog --cwd --empty ls --cwd': { plugin: 'blog', argv: ['ls', '--cwd'], options: { cwd: true, empty: true } },
  'blog --plugins-base-dir=/a ls': { plugin: 'blog', argv: ['ls'], options: { pluginsBaseDir: '/a' } },
  'blog --plugins-base-dir /a -- ls': { plugin: 'blog', argv: ['ls'], options: { pluginsBaseDir: '/a' } },
  'blog ls -- --help': { plugin: 'blog', argv: ['ls', '--', '--help'], options: {} },
  'blog --help': 'help',
}

for (const [words, expected] of Object.entries(CASES)) {
  test(`plugin_wrapper ${words} is told apart into options and command`, () => {
    assert.deepEqual(readWrapperWords(words.split(' '), {}), expected)
  })
}

test('options in front of the name count as those behind it', () => {
  assert.deepEqual(readWrapperWords(['blog', '--cwd', 'ls'], { empty: true }), {
    plugin: 'blog',
    argv: ['ls'],
    options: { empty: true, cwd: true },
  })
})

for (const [words, message] of Object.entries({
  blog: /command is missing/,
  'blog --': /command is missing/,
  'blog --cdw ls': /--cdw/,
})) {
  test(`plugin_wrapper ${words} says what is missing and how to write it`, () => {
    const problem = readWrapperWords(words.split(' '), {})
    assert.ok(problem instanceof Problem)
    assert.match(problem.message, message)
    assert.match(problem.mend, /plugin_wrapper NAME/)
  })
}
