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

test('a section that is there twice is told, whatever its parents are, and the first one counts', () => {
  const { sections, problems } = read('[a]\nx=1\n[b]\ny=2\n[a : b]\nx=3\n')
  assert.deepEqual(problems.map(formatProblem), [
    'f:5  the section a is there twice  (INI_DUPLICATE)\n  Put all its keys under one of them.',
  ])
  assert.deepEqual(
    sections.map(({ entries }) => keys(entries)),
    [{ x: '1' }, { y: '2' }],
  )
})

test('of many parents that are not there, at most twenty are told for one section, and the first twenty get a hint', () => {
  const missing = (count: number) => Array.from({ length: count }, (_, at) => `app_commo${at}`).join(':')
  const one = read(`[app_common]\n[a:${missing(21)}]\n`).problems.map(({ message }) => message)
  assert.deepEqual([one.length, one.at(-1)], [20, 'a inherits from "app_commo19", which is not there'])
  const two = read(`[app_common]\n[a:${missing(20)}]\n[b:${missing(2)}]\n`).problems
  const hinted = two.filter(({ fix }) => fix?.startsWith('Did you mean "app_common"? ') === true)
  assert.deepEqual([two.length, hinted.length], [22, 20])
})

/** Sections that inherit from so many others: the first from all, or each from the next. */
const FAMILIES: Readonly<Record<string, (parents: number) => string>> = {
  'beside each other': (parents) =>
    `[a:${names(parents).join(':')}]\na=1\n${names(parents)
      .map((name) => `[${name}]\n${name}=1\n`)
      .join('')}`,
  'one behind the other': (parents) =>
    ['a', ...names(parents)].map((name, at) => `[${name}${at < parents ? `:p${at}` : ''}]\n${name}=1\n`).join(''),
}

for (const [how, family] of Object.entries(FAMILIES)) {
  test(`a section takes values from twenty others ${how}, and from no more`, () => {
    const twenty = read(family(20))
    assert.deepEqual(twenty.problems, [])
    assert.equal(twenty.sections[0]?.entries.length, 21)
    const more = read(family(21))
    assert.deepEqual(more.problems.map(formatProblem), [
      'f:1  [a] inherits from more than 20 sections  (TOO_LARGE)\n  Put the keys of its parents into fewer sections: at most 20 for one section.',
    ])
    assert.deepEqual(more.sections, [])
  })
}

test('all sections together have up to twenty thousand keys, with those that they inherit, and the rest is left out', () => {
  const text = (defaults: number) => `[DEFAULT]\n${lines('d', defaults)}[a]\n${lines('k', 9999)}[b:a]\n`
  const most = read(text(1))
  assert.deepEqual([most.problems, most.sections.length], [[], 2])
  assert.deepEqual([most.sections[1]?.entries.length, most.sections[1]?.defaults.length], [9999, 1])
  const more = read(`${text(1)}k0=2\nx=3\n`)
  assert.deepEqual(more.problems.map(formatProblem), [
    'f:10003  the sections up to [b] have more than 20000 keys, those counted that they inherit  (TOO_LARGE)\n  Make several plugins of it, or let fewer sections inherit.',
  ])
  assert.deepEqual(
    more.sections.map(({ name }) => name),
    ['a'],
  )
})

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `p${at}`)
}

function lines(name: string, count: number): string {
  return Array.from({ length: count }, (_, at) => `${name}${at}=1\n`).join('')
}

function read(text: string) {
  return inherit(parseIni(text, 'f', DOCUMENTED_INI))
}

function keys(entries: readonly { readonly key: string; readonly text: string }[] = []) {
  return Object.fromEntries(entries.map(({ key, text }) => [key, text]))
}
