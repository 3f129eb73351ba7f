import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endlessPatterns, withoutEndless } from './wildcards.ts'

test('a pattern may have four stars, and one with five is told by its line and not used', () => {
  assert.deepEqual(endlessPatterns('a*b*c*d*e\n*a*b*c*d\n'), new Map())
  assert.deepEqual(endlessPatterns('x\r\n*a*b*c*d*\r\n'), new Map([[2, '*a*b*c*d*']]))
  assert.equal(withoutEndless('a\n*a*b*c*d*\n!b*c*\n'), 'a\n!b*c*\n')
  assert.equal(withoutEndless('a*b*c*d*e\n# * * * * *\n'), 'a*b*c*d*e\n# * * * * *\n')
})

test('stars count once where they stand together, and at the ends of a path and in a comment not at all', () => {
  for (const pattern of ['**a**b***c*d', '!/**/**/*a*b*c*', '*a*b*c*d/**/**/', '#*a*b*c*d*'])
    assert.deepEqual(endlessPatterns(pattern), new Map(), pattern)
  assert.deepEqual([...endlessPatterns(' #*a*b*c*d*').keys()], [1])
})

test('a pattern is one line for both, whatever control characters are in it', () => {
  for (const sign of ['\r', '\u2028', '\u2029']) {
    const pattern = `*a*b${sign}*c*d*e`
    assert.equal(endlessPatterns(pattern).size, 1)
    assert.equal(withoutEndless(pattern), '')
  }
})
