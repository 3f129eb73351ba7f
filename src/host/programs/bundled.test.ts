import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonsOf } from './bundled.ts'

test('the Pythons that a package has wheels for are those of the compiled ones, the lowest first', () => {
  const cases: readonly (readonly [names: readonly string[], pythons: readonly string[]])[] = [
    [[], []],
    [
      [
        'six-1.17.0-py2.py3-none-any.whl',
        'tornado-6.6.1-cp39-abi3-manylinux1_x86_64.whl',
        'README',
        'a-1-cp27-cp27mu-linux_x86_64.whl',
      ],
      [],
    ],
    [
      ['b-1-cp313-cp313-linux_x86_64.whl', 'a-1-cp39-cp39-linux_x86_64.whl', 'a-1-cp313-cp313-linux_x86_64.whl'],
      ['3.9', '3.13'],
    ],
  ]
  for (const [names, pythons] of cases) assert.deepEqual(pythonsOf(names), pythons)
})
