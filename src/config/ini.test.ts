import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatProblem } from '../problem.ts'
import { DOCUMENTED_INI, type Ini, LATER_INI, MODULE_INI, parseIni } from './ini.ts'

const DIALECTS = [DOCUMENTED_INI, LATER_INI, MODULE_INI]

test('every key knows its line, and comments and empty lines are none', () => {
  const ini = parseIni('# a\n\n[general]\nname = x\n; b\n  # c\nurl: http://y:1\n', 'config.ini', DOCUMENTED_INI)
  assert.deepEqual(ini.problems, [])
  assert.deepEqual(ini.sections, [
    {
      name: 'general',
      where: { file: 'config.ini', line: 3 },
      entries: [
        { key: 'name', text: 'x', where: { file: 'config.ini', line: 4 } },
        { key: 'url', text: 'http://y:1', where: { file: 'config.ini', line: 7 } },
      ],
    },
  ])
})

test('an indented line continues the value above it, over comments and empty lines', () => {
  assert.deepEqual(values('[a]\nx = 1\n  2\n# no part of it\n\n  3\n\ny = 4\n'), { a: { x: '1\n2\n\n3', y: '4' } })
  assert.deepEqual(values('[a]\n  x = 1\n  y = 2\n'), { a: { x: '1', y: '2' } })
})

test('the later dialect keeps the case of keys and knows neither : nor ;', () => {
  const ini = parseIni('[a]\n_Key = a:b\n;x\n', 'config.ini', LATER_INI)
  assert.deepEqual(
    ini.sections[0]?.entries.map(({ key, text }) => [key, text]),
    [['_Key', 'a:b']],
  )
  assert.deepEqual(ini.problems.map(formatProblem), [
    'config.ini:3  cannot read ";x"  (INI_SYNTAX)\n  Write key = value, or # in front of a comment.',
  ])
})

test('the documented dialect and the file of the module read a key in any case as the same key', () => {
  for (const dialect of [DOCUMENTED_INI, MODULE_INI]) {
    const ini = parseIni('[App]\nMain_Arg = A\nmain_arg = B\n', 'config.ini', dialect)
    assert.deepEqual(byName(ini), { App: { main_arg: 'B' } })
    assert.deepEqual(
      ini.problems.map(({ message }) => message),
      ['main_arg is set twice in [App], first in line 2'],
    )
  }
})

test('a byte order mark and the line ends of other systems are read', () => {
  assert.deepEqual(values('\uFEFF[a]\r\nx = 1\r\ny = 2\r\n'), { a: { x: '1', y: '2' } })
})

test('a file with many mistakes tells them all, each with its line', () => {
  const text = 'lost = 1\n[open\n[a]\nx = 1\nno delimiter\n= no key\nx = 2\n[] \n[a]\nz = 3 # not a comment\n[b] trailing\n'
  assert.equal(
    parseIni(text, 'config.ini', DOCUMENTED_INI).problems.map(formatProblem).join('\n'),
    `config.ini:1  cannot read "lost = 1"  (INI_SYNTAX)
  Write a [section] above the first key.
config.ini:2  cannot read "[open"  (INI_SYNTAX)
  Write a section as [name] on a line of its own.
config.ini:5  cannot read "no delimiter"  (INI_SYNTAX)
  Write key = value, or # in front of a comment.
config.ini:6  cannot read "= no key"  (INI_SYNTAX)
  Write key = value, or # in front of a comment.
config.ini:7  x is set twice in [a], first in line 4  (INI_DUPLICATE)
  Keep one of the two lines.
config.ini:8  cannot read "[]"  (INI_SYNTAX)
  Write a section as [name] on a line of its own.
config.ini:9  [a] is there twice, first in line 3  (INI_DUPLICATE)
  Put all its keys under one of them.
config.ini:11  cannot read "[b] trailing"  (INI_SYNTAX)
  Write a section as [name] on a line of its own.`,
  )
})

test('no text at all makes the reader fail', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('[a]', '[a:b]', 'x = 1', ' y', '#', '', '__proto__ = 1', '[__proto__]'))
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom(...DIALECTS), (lines, dialect) => {
      const ini = parseIni(lines.join('\n'), 'f', dialect)
      const all = [
        ...ini.problems.map(({ where }) => where),
        ...ini.sections.flatMap(({ entries }) => entries.map(({ where }) => where)),
      ]
      assert.ok(
        all.every(
          (where) => where?.line !== undefined && where.line >= 1 && where.line <= lines.join('\n').split(/\r\n|\r|\n/).length,
        ),
      )
    }),
  )
})

test('what is written as INI is read back unchanged', () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,9}$/)
  const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, '').trim())
  const sections = fc.dictionary(key, fc.dictionary(key, line, { noNullPrototype: true }), { noNullPrototype: true })
  fc.assert(
    fc.property(sections, fc.constantFrom(...DIALECTS), (written, dialect) => {
      const text = Object.entries(written)
        .map(
          ([name, keys]) =>
            `[${name}]\n${Object.entries(keys)
              .map(([at, value]) => `${at} = ${value}\n`)
              .join('')}`,
        )
        .join('')
      const ini = parseIni(text, 'f', dialect)
      assert.deepEqual(ini.problems, [])
      assert.deepEqual(byName(ini), written)
    }),
  )
})

function values(text: string) {
  const ini = parseIni(text, 'f', DOCUMENTED_INI)
  assert.deepEqual(ini.problems, [])
  return byName(ini)
}

function byName({ sections }: Ini) {
  return Object.fromEntries(
    sections.map(({ name, entries }) => [name, Object.fromEntries(entries.map(({ key, text }) => [key, text]))]),
  )
}

test('a NUL character is refused with its line, and the other lines are read', () => {
  const ini = parseIni('[a]\nx = 1\0\ny = 2\n', 'config.ini', DOCUMENTED_INI)
  assert.deepEqual(ini.problems.map(formatProblem), [
    'config.ini:2  the line holds a NUL character, which no process can be given  (INI_SYNTAX)\n  Remove the character with the code 0; most editors show it as ^@.',
  ])
  assert.deepEqual(
    ini.sections[0]?.entries.map(({ key }) => key),
    ['y'],
  )
})
