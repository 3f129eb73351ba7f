import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsText, isLower, NO_BOUNDS, outOfBounds, readBounds } from './key-bounds.ts'

test('versions come in the order in which people count them', () => {
  const rising = ['0.9', '1.0~1', '1.0a', '1.0rc1', '1.0rc2', '1.0', '1.0+b', '1.0.1', '1.2', '1.9', '1.10', '2', '10', '2026.1']
  for (const [index, version] of rising.entries()) {
    for (const [place, than] of rising.entries()) {
      assert.equal(isLower(version, than), index < place, `${version} and ${than}`)
    }
  }
  for (const [one, other] of [
    ['1', '1.0.0'],
    ['1.02', '1.2'],
    ['1.0RC1', '1.0rc1'],
  ] as const) {
    assert.deepEqual([isLower(one, other), isLower(other, one)], [false, false], `${one} is ${other}`)
  }
})

test('a key counts for the plugins and versions that it is bound to, and without bounds for all', () => {
  const bounds = { plugins: ['blog', 'shop'], lowest: '1.2' }
  assert.equal(outOfBounds(bounds, { name: 'blog', version: '1.2' }), undefined)
  assert.match(outOfBounds(bounds, { name: 'blog', version: '1.1.9' }) ?? '', /from version 1\.2 on, and this is 1\.1\.9/)
  assert.match(outOfBounds(bounds, { name: 'bank', version: '9' }) ?? '', /for blog, shop, not for bank/)
  assert.equal(outOfBounds(NO_BOUNDS, { name: 'bank', version: '0' }), undefined)
})

test('bounds are read as they were written, and what is not readable is never taken for none', () => {
  for (const bounds of [NO_BOUNDS, { plugins: ['a'], lowest: undefined }, { plugins: ['a', 'b'], lowest: '1.0-2' }]) {
    assert.deepEqual(readBounds(boundsText(bounds)), bounds)
  }
  assert.deepEqual(readBounds('# by hand\n\nmfserv-trust: 1\nlowest:2\n'), { plugins: undefined, lowest: '2' })
  for (const text of [
    'plugins: a\n',
    'mfserv-trust: 2\nplugins: a\n',
    'mfserv-trust: 1\nplugin: a\n',
    'mfserv-trust: 1\nplugins: a b\n',
    'mfserv-trust: 1\nlowest:\n',
    'mfserv-trust: 1\nnonsense\n',
  ]) {
    assert.ok('why' in readBounds(text), text)
  }
})
