import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../problem.ts'
import { inherit } from './inherit.ts'
import { DOCUMENTED_INI, parseIni } from './ini.ts'

test('a section takes what it lacks from its parents in order, and from theirs', () => {
  const { sections, parents, problems } = read('[a:b:c]\nx=a\n[b:d]\nx=b\ny=b\n[c]\ny=c\nz=c\n[d]\nz=d\n')
  assert.deepEqual(problems, [])
  assert.deepEqual(keys(sections[0]?.entries), { x: 'a', y: 'b', z: 'd' })
  assert.deepEqual([...parents], ['b', 'c', 'd'])
})

test('[DEFAULT] is kept apart from what a section says, and is no section itself', () => {
  const { sections } = read('[DEFAULT]\nx=1\ny=2\n[a]\nx=3\n')
  assert.equal(sections.length, 1)
  assert.deepEqual([keys(sections[0]?.entries), keys(sections[0]?.defaults)], [{ x: '3' }, { y: '2' }])
})

test('sections that inherit from each other in a circle are read all the same', () => {
  const { sections } = read('[a:b]\nx=1\n[b:a]\ny=2\n')
  assert.deepEqual(
    sections.map(({ entries }) => keys(entries)),
    [
      { x: '1', y: '2' },
      { y: '2', x: '1' },
    ],
  )
})

test('a parent that is not there is told with the nearest name', () => {
  assert.deepEqual(read('[app_a:app_comon]\n[app_common]\n').problems.map(formatProblem), [
    'f:1  app_a inherits from "app_comon", which is not there  (INI_UNKNOWN_SECTION)\n  Did you mean "app_common"? Write the name of another section of this file.',
  ])
})

function read(text: string) {
  return inherit(parseIni(text, 'f', DOCUMENTED_INI))
}

function keys(entries: readonly { readonly key: string; readonly text: string }[] = []) {
  return Object.fromEntries(entries.map(({ key, text }) => [key, text]))
}
