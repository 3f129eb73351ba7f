import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutantsOf, mutated, withoutTypes } from './mutants.ts'

function changesOf(source: string): readonly string[] {
  const code = withoutTypes(source)
  return mutantsOf(code).map((mutant) => mutated(code, mutant).trim())
}

test('a limit is tried on its other side, and a condition with both answers', () => {
  assert.deepEqual(changesOf('if (a >= b) c()'), ['if (false) c()', 'if (true) c()', 'if (a > b) c()'])
})

test('types are no code: neither their brackets nor their bars are changed', () => {
  assert.deepEqual(changesOf("const seen: Map<string, 'a' | 'b'> = make<number>()"), [])
})

test('alternatives are taken away one by one', () => {
  assert.deepEqual(changesOf('f(a ?? b)'), ['f(a)'])
  assert.deepEqual(changesOf('f(a && b || c)'), ['f(a || b || c)', 'f(a && b && c)'])
  assert.deepEqual(changesOf('f([...a, b])'), ['f([...[], b])'])
})

test('a method gives its opposite, and one without an opposite is left alone', () => {
  assert.deepEqual(changesOf('a.some(b)'), ['a.every(b)'])
  assert.deepEqual(changesOf('a.toString()'), [])
})

test('the same change twice in one line has a number, so that one of them can be named', () => {
  assert.deepEqual(
    mutantsOf('a(1, 1)').map(({ line, nth }) => [line, nth]),
    [
      [1, 1],
      [1, 2],
    ],
  )
})
