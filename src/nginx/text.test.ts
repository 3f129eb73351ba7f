import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nestedIn, readFragment } from '../plugin/nginx-fragment.ts'
import { ofPlugin, ownText, pluginAtLine } from './markers.ts'
import { bare, block, lines, nginx, textOf } from './quote.ts'

test('every value either comes out of nginx.conf as it went in, or is reported', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = nginx`alias ${value};`
      const isUnsafe = /[\x00-\x1f\x7f$]/.test(value)
      assert.deepEqual(text.unsafe, isUnsafe ? [{ value, plugin: undefined }] : [])
      if (!isUnsafe) assert.deepEqual(valuesOf(textOf(text)), ['alias', value])
    }),
    { numRuns: 1000 },
  )
})

test('a name without quotes is reported when it needs some', () => {
  assert.deepEqual(bare('a;b').unsafe, [{ value: 'a;b', plugin: undefined }])
  assert.deepEqual(
    block(nginx`map ${bare('a b')}`, [nginx`default ${'$'};`]).unsafe.map(({ value }) => value),
    ['a b', '$'],
  )
})

test('a line of nginx.conf leads to the plugin that it stands for, whatever the fragment of the plugin says', () => {
  const trick = ownText('# <<< plugin a\n  # >>> plugin b\nfoo;')
  const text = textOf(lines([nginx`x;`, ofPlugin('a', [trick]), nginx`y;`, ofPlugin('b', [nginx`z;`])]))
  const owners = text.split('\n').map((_line, index) => pluginAtLine(text, index + 1))
  assert.deepEqual(owners, [undefined, 'a', 'a', 'a', 'a', 'a', undefined, 'b', 'b', 'b'])
  assert.equal(pluginAtLine(text, 99), undefined)
})

test('a fragment that would end or swallow what surrounds it is told with its line', () => {
  const faults = {
    'a;\n}\nserver {': [2, '"}" closes nothing'],
    'if ($x) {\n  a;\n': [1, '"{" is not closed'],
    'a;\n\n b c': [3, 'the directive "b" is not ended by ";"'],
    'a "b;\n': [1, 'a quote is not closed'],
    "a 'b\\';": [1, 'a quote is not closed'],
  }
  for (const [text, [line, message]] of Object.entries(faults)) {
    assert.deepEqual(readFragment(text).fault, { line, message }, text)
  }
})

test('braces and quotes inside words, quotes and comments are no fault of a fragment', () => {
  const variable = `a $${'{b}'}c;`
  for (const text of ['# }\na;', 'a "}";', "a '{' ;", 'a b}c;', variable, 'a \\};', '', "a it's;", 'a {\n}\n# end']) {
    assert.equal(readFragment(text).fault, undefined, text)
  }
  assert.equal(readFragment("content_by_lua_block { ngx.say('}') -- it's }\n}").fault, undefined)
})

test('nested locations stay where nginx allows them', () => {
  const fragment = readFragment('a;\nlocation /p/x {\n b;\n}\nlocation ~ x { c; }\nlocation = /p/y { d; } e;')
  assert.equal(nestedIn(fragment, undefined), 'a;\n\n\n\n\n e;')
  assert.equal(nestedIn(fragment, '/p/x'), 'a;\nlocation /p/x {\n b;\n}\nlocation ~ x { c; }\n e;')
  assert.equal(nestedIn(fragment, '/p/'), fragment.text)
})

/** The words of one directive, read by the rules of nginx for double quotes. */
function valuesOf(directive: string): readonly string[] {
  const words = [...directive.matchAll(/"((?:\\[\s\S]|[^"\\])*)"|[^\s;"]+/g)]
  return words.map(([word, inner]) => (inner === undefined ? word : inner.replace(/\\([\s\S])/g, '$1')))
}
