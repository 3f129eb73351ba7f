import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsText, describeBounds, isLower, NO_BOUNDS, outOfBounds, readBound, readBounds } from './key-bounds.ts'

test('versions come in the order in which people count them', () => {
  const rising = ['0.9', '1.0~1', '1.0a', '1.0rc1', '1.0rc2', '1.0', '1.0+b', '1.0.1', '1.2', '1.9', '1.10', '2', '10', '2026.1']
  for (const [index, version] of rising.entries()) {
    for (const [place, than] of rising.entries()) {
      assert.equal(isLower(version, than), index < place, `${version} and ${than}`)
    }
  }
  for (const [one, other] of [
    ['1', '1.0.0'],
    ['1', '1.00'],
    ['', '0'],
    ['1.0a', '1.0a.0'],
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

test('bounds stand one a line in front of a key, and where there are none nothing does', () => {
  assert.equal(boundsText(NO_BOUNDS), '')
  assert.equal(boundsText({ plugins: ['a', 'b'], lowest: undefined }), 'mfserv-trust: 1\nplugins: a, b\n')
  assert.equal(boundsText({ plugins: undefined, lowest: '1.2' }), 'mfserv-trust: 1\nlowest: 1.2\n')
  assert.equal(boundsText({ plugins: ['a'], lowest: '2' }), 'mfserv-trust: 1\nplugins: a\nlowest: 2\n')
})

test('the bounds of a key are said in one line', () => {
  assert.equal(describeBounds(NO_BOUNDS), 'every plugin')
  assert.equal(describeBounds({ plugins: ['a', 'b'], lowest: undefined }), 'a, b')
  assert.equal(describeBounds({ plugins: undefined, lowest: '1.2' }), 'every plugin, from version 1.2 on')
})

test('what is wrong in front of a key is said with its line', () => {
  const why = (text: string): string => JSON.stringify(readBounds(text))
  assert.match(why('plugins: a'), /in front of the key stands \\"plugins: a\\" and not \\"mfserv-trust: 1\\"/)
  assert.match(why('mfserv-trust: 1\nnone'), /the line \\"none\\" in front of the key is none of plugins and lowest/)
  assert.match(why('mfserv-trust: 1\nlowest: a b'), /the line \\"lowest: a b\\" in front of the key names no version/)
  assert.match(why('mfserv-trust: 1\nplugins: a, B c, D e'), /does not name plugins: .*B c/)
})

test('the lowest version may have 64 signs', () => {
  assert.deepEqual(readBound('lowest', '1'.repeat(64)), { lowest: '1'.repeat(64) })
  assert.ok('why' in readBound('lowest', '1'.repeat(65)))
})
