import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate } from './expression.ts'

const NAMES = new Map([
  ['HOME', '/srv'],
  ['EMPTY', ''],
  ['N', ' 12x'],
])

/** What each is, as Jinja says it. */
const VALUES: Readonly<Record<string, string | boolean>> = {
  HOME: '/srv',
  '"a b"': 'a b',
  "'a'": 'a',
  '42': '42',
  True: true,
  false: false,
  '(HOME)': '/srv',
  'HOME or EMPTY': '/srv',
  'EMPTY or HOME': '/srv',
  'EMPTY or EMPTY or HOME': '/srv',
  'HOME or NONE': '/srv',
  'NONE or HOME': '/srv',
  'HOME and "x"': 'x',
  'EMPTY and HOME': '',
  'HOME and "x" and EMPTY': '',
  'EMPTY and HOME or "x"': 'x',
  'not HOME': false,
  'not EMPTY': true,
  'not not HOME': true,
  'not NONE': true,
  'HOME == "/srv"': true,
  'HOME == EMPTY': false,
  'HOME != "/srv"': false,
  'HOME != EMPTY': true,
  'HOME is defined': true,
  'NONE is defined': false,
  'HOME is not defined': false,
  'NONE is not defined': true,
  'NONE|default("x")': 'x',
  'NONE|d("x")': 'x',
  'HOME|default("x")': '/srv',
  'EMPTY|default("x")': '',
  'EMPTY|default("x", true)': 'x',
  'EMPTY|d("x", True)': 'x',
  'HOME|default("x", true)': '/srv',
  'HOME|upper|lower': '/srv',
  'N|trim': '12x',
  'N|trim|upper': '12X',
  '"12"|int': '12',
  '"x"|int': '0',
  'N|string': ' 12x',
  'getenv("HOME")': '/srv',
  'environ("HOME")': '/srv',
}

for (const [text, value] of Object.entries(VALUES)) {
  test(`{{ ${text} }} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(
      evaluate(text, (name) => NAMES.get(name)),
      { is: 'value', value },
    )
  })
}

test('a name that nothing has is told by its name, where the value hangs on it', () => {
  for (const text of [
    'NONE',
    'NONE|upper',
    'NONE == "x"',
    'HOME == NONE',
    'EMPTY or NONE',
    'NONE and HOME',
    'getenv("NONE")',
    'NONE or NONE',
  ])
    assert.deepEqual(
      evaluate(text, (name) => NAMES.get(name)),
      { is: 'unknown', name: 'NONE' },
      text,
    )
})

test('what is no expression is refused as a whole', () => {
  const broken = [
    '',
    ' ',
    'HOME HOME',
    '(HOME',
    'HOME)',
    'HOME or',
    'or HOME',
    'HOME and',
    'not',
    'HOME ==',
    '== HOME',
    'NONE ==',
    'HOME is',
  ]
  const filters = [
    'HOME|',
    'HOME|nope',
    'NONE|nope',
    'HOME|default',
    'HOME|default "x"',
    'HOME|default("x"',
    'NONE|default()',
    '|upper',
  ]
  const calls = [
    'getenv(HOME',
    'getenv()',
    'getenv(NONE)',
    'HOME()',
    'if',
    'HOME in N',
    '"a',
    'HOME + 1',
    'HOME or (',
    'HOME and ==',
  ]
  for (const text of [...broken, ...filters, ...calls]) {
    const found = evaluate(text, (name) => NAMES.get(name))
    assert.ok(found === undefined || (text === 'getenv(NONE)' && found.is === 'unknown'), `${text}: ${JSON.stringify(found)}`)
  }
})

test('500 characters are read, and no more', () => {
  const text = `"${'x'.repeat(498)}"`
  assert.deepEqual(
    evaluate(text, () => undefined),
    { is: 'value', value: 'x'.repeat(498) },
  )
  assert.equal(
    evaluate(`${text} `, () => undefined),
    undefined,
  )
})
