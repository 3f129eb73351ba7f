import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readToml } from './toml.ts'

/** Tables have no prototype. */
function plain(text: string): unknown {
  const reading = readToml(text)
  return JSON.parse(JSON.stringify('table' in reading ? reading.table : reading))
}

test('what pyproject.toml and uv.toml may hold is read', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['a = 1 # one\n', { a: 1 }],
    ['a = "x\\"y\\u00e9\\n"\nb = \'C:\\x\'\n', { a: 'x"yé\n', b: 'C:\\x' }],
    ['a = """\nx\n  "y" \\\n   z"""\n', { a: 'x\n  "y" z' }],
    ["a = '''\nx'y'''\n", { a: "x'y" }],
    ['a = """x""""\n', { a: 'x"' }],
    ['a = [1, # one\n 2,\n]\nb = []\n', { a: [1, 2], b: [] }],
    ['a = { b = 1, "c d" = [true, false] }\n', { a: { b: 1, 'c d': [true, false] } }],
    ['a.b.c = 1\na.b.d = 2\n', { a: { b: { c: 1, d: 2 } } }],
    ['[a]\nx = 1\n[a.b]\ny = 2\n[c."d.e"]\n', { a: { x: 1, b: { y: 2 } }, c: { 'd.e': {} } }],
    ['[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n', { a: [{ x: 1 }, { x: 2, b: { y: 3 } }] }],
    ['a = 2026-01-31T08:00:00Z\nb = 1_000\nc = 1.5e3\nd = 0xff\n', { a: '2026-01-31T08:00:00.000Z', b: 1000, c: 1500, d: 255 }],
    ['a = 1\r\nb = 2\r\n', { a: 1, b: 2 }],
    ['__proto__ = 1\n[constructor]\nx = 1\n', { ['__proto__']: 1, constructor: { x: 1 } }],
    ['', {}],
    ['\uFEFFa = 1\n', { a: 1 }],
  ]
  for (const [text, expected] of cases) assert.deepEqual(plain(text), expected, text)
})

test('a hundred tables inside each other are read', () => {
  const key = `b${'.c'.repeat(100)}`
  assert.ok('table' in readToml(`${key} = 1\n`))
  assert.ok('table' in readToml(`[${key.slice(0, -2)}]\nc = 1\n`))
})

test('an integer beyond those of JavaScript is no mistake', () => {
  assert.deepEqual(plain('a = 9223372036854775807\n'), { a: Number(9223372036854775807n) })
})

test('the first mistake is named with its line', () => {
  const cases = [
    ['a = 1\nb =\n', 2],
    ['a = "x\n', 1],
    ['\n[a\n', 2],
    ['a = [1, 2\n', 2],
    ['a = [\n  1\n  2,\n]\n', 3],
    ['a = nothing\n', 1],
    ['a = 1\na = 2\n', 2],
    ['a = 1 b = 2\n', 1],
    ['a = "\\q"\n', 1],
    ['a = 1\n[a]\n', 2],
    [`a = ${'['.repeat(1000)}`, 1],
    [`a = 1\nb${'.c'.repeat(101)} = 1\n`, 2],
    [`b${'.c'.repeat(101)} = 1\n`, 1],
    [`a${'.c'.repeat(100)} = 1\nb${'.c'.repeat(101)} = 1\n`, 2],
    ['[a]\n[a]\n', 2],
  ] as const
  for (const [text, line] of cases) {
    const reading = readToml(text)
    assert.ok('mistake' in reading, text)
    assert.equal(reading.line, line, `${text}: ${reading.mistake}`)
  }
})

test('a text that is made to take long is read or refused at once', () => {
  const began = performance.now()
  for (const text of [
    `a = "${'\\\\'.repeat(200_000)}`,
    `a = """${'"" '.repeat(100_000)}`,
    `a = ${'{b='.repeat(100_000)}`,
    `${'a.'.repeat(50_000)}b = 1`,
  ])
    readToml(text)
  assert.ok(performance.now() - began < 2_000)
})
