import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, didYouMeanElse, nearest } from './nearest.ts'

test('one typing error is allowed in up to five letters, and one more for each three letters beyond', () => {
  const cases: readonly (readonly [name: string, meant: string, isNear: boolean])[] = [
    ['a', 'b', true],
    ['a', 'bc', false],
    ['abcde', 'abcdX', true],
    ['abcde', 'abcXX', false],
    ['abcdef', 'abcdXX', true],
    ['abcdef', 'abcXXX', false],
    ['abcdefgh', 'abcdefXX', true],
    ['abcdefgh', 'abcdeXXX', false],
    ['abcdefghi', 'abcdefXXX', true],
    ['abcdefghi', 'abcdeXXXX', false],
  ]
  for (const [name, meant, isNear] of cases) assert.equal(nearest(name, [meant]), isNear ? meant : undefined, `${name} ${meant}`)
})

test('a letter more, a letter less, another letter and two exchanged letters are one error each, wherever they stand', () => {
  for (const name of ['xport', 'poxrt', 'portx', 'ort', 'pot', 'por', 'xort', 'poxt', 'porx', 'oprt', 'prot', 'potr', 'PORT'])
    assert.equal(nearest(name, ['port']), 'port', name)
  for (const name of ['xpoxt', 'rt', 'xoxt', 'rpot', 'ptro', 'tpor']) assert.equal(nearest(name, ['port']), undefined, name)
})

test('the nearest of several is meant, and of equally near ones the first', () => {
  assert.equal(nearest('timeouts', ['timeoXXs', 'timeoutX', 'timeouX']), 'timeoutX')
  assert.equal(nearest('timeouts', ['timeoutX', 'timeoutY']), 'timeoutX')
  assert.equal(nearest('port', ['sort', 'part', 'port']), 'port')
  assert.equal(nearest('aaaaaa', ['aaaa', 'aaaaab']), 'aaaaab')
})

test('a name of up to 64 letters gets a hint, and a longer one none', () => {
  assert.equal(nearest('a'.repeat(64), ['a'.repeat(65)]), 'a'.repeat(65))
  assert.equal(nearest('a'.repeat(65), ['a'.repeat(65)]), undefined)
})

test('every pair of short words is as near as its errors say, counted one by one', () => {
  for (const [letters, longest] of [
    ['ab', 6],
    ['abc', 3],
  ] as const) {
    const all = words(letters, longest)
    for (const name of all) {
      const most = Math.max(1, Math.floor(name.length / 3))
      for (const meant of all) {
        assert.equal(nearest(name, [meant]) === meant, errorsBetween(name, meant) <= most, `${name} ${meant}`)
      }
    }
  }
})

test('a hint and what to do otherwise read as a sentence, with a near name and without', () => {
  assert.equal(didYouMean('prot', ['port']), 'Did you mean "port"? ')
  assert.equal(didYouMean('x', ['port']), '')
  assert.equal(didYouMeanElse('prot', ['port'], 'remove the line'), 'Did you mean "port"? Otherwise remove the line.')
  assert.equal(didYouMeanElse('x', ['port'], 'remove the line'), 'Remove the line.')
})

function words(letters: string, longest: number): readonly string[] {
  const shorter = longest === 1 ? [''] : words(letters, longest - 1)
  return [...new Set([...shorter, ...shorter.flatMap((word) => [...letters].map((letter) => word + letter))])]
}

const counted = new Map<string, number>()

/** Slow and plain: from the end of both words. */
function errorsBetween(one: string, other: string): number {
  if (one === '' || other === '') return one.length + other.length
  const pair = `${one} ${other}`
  const known = counted.get(pair)
  if (known !== undefined) return known
  const [first, second] = [one.slice(0, -1), other.slice(0, -1)]
  const isExchanged = one.length > 1 && other.length > 1 && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1)
  const errors = Math.min(
    errorsBetween(first, other) + 1,
    errorsBetween(one, second) + 1,
    errorsBetween(first, second) + (one.at(-1) === other.at(-1) ? 0 : 1),
    isExchanged ? errorsBetween(one.slice(0, -2), other.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
  )
  counted.set(pair, errors)
  return errors
}
