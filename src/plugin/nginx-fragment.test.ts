import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nestedIn, readFragment, sets } from './nginx-fragment.ts'

test('the directives at the outer level are read with their words and their exact places', () => {
  const outer = (text: string) => readFragment(text).statements.map(({ words, start, end }) => [words, text.slice(start, end)])
  assert.deepEqual(outer('a b;  c "d e" { f; }g;'), [
    [['a', 'b'], 'a b;'],
    [['c', 'd e'], 'c "d e" { f; }'],
    [['g'], 'g;'],
  ])
  assert.deepEqual(outer('location /a { if ($x) { b; } c; { d; } }\ne;'), [
    [['location', '/a'], 'location /a { if ($x) { b; } c; { d; } }'],
    [['e'], 'e;'],
  ])
  assert.deepEqual(outer('# a;\n'), [])
  assert.deepEqual(readFragment(' ;').statements, [{ words: [], start: 0, end: 2 }])
})

test('what is not closed is told at the line where it begins', () => {
  const fault = (text: string) => readFragment(text).fault
  assert.deepEqual(fault('\ninternal'), { line: 2, message: 'the directive "internal" is not ended by ";"' })
  assert.deepEqual(fault('a {\n b {\n'), { line: 2, message: '"{" is not closed' })
  assert.deepEqual(fault('a {\n b {\n}\n'), { line: 1, message: '"{" is not closed' })
  assert.deepEqual(fault('a;\n"'), { line: 2, message: 'a quote is not closed' })
  assert.deepEqual(fault("a;\n'b"), { line: 2, message: 'a quote is not closed' })
  assert.equal(fault('a "";'), undefined)
  assert.equal(fault("a '';"), undefined)
})

test('a directive counts as set with its name, and with its first argument in any case where that is asked', () => {
  const fragment = readFragment('add_header X-Frame-Options DENY;\nlocation /a { expires 1d; }')
  assert.equal(sets(fragment, 'add_header'), true)
  assert.equal(sets(fragment, 'add_header', 'x-frame-options'), true)
  assert.equal(sets(fragment, 'add_header', 'DENY'), false)
  assert.equal(sets(fragment, 'add'), false)
  assert.equal(sets(fragment, 'expires'), false, 'inside a location it is set for that alone')
})

test('a location stays inside another only where nginx takes it: below it, or as a pattern', () => {
  const kept = (location: string, below: string | undefined = '/shop/') =>
    nestedIn(readFragment(`${location} { a; }`), below) !== ''
  for (const inside of ['/shop/', '/shop/cart', '= /shop/cart', '^~ /shop/cart', '=/shop/cart', '^~/shop/cart', '~ x', '~* x']) {
    assert.equal(kept(`location ${inside}`), true, inside)
  }
  assert.equal(kept('location ~x'), true)
  for (const outside of ['/', '/shop', '/other/shop/', '= /x/shop/', '=/x', '^~ /']) {
    assert.equal(kept(`location ${outside}`), false, outside)
  }
  assert.equal(nestedIn(readFragment('location /shop/ { a; }'), undefined), '')
  assert.equal(nestedIn(readFragment('alias /x;'), undefined), 'alias /x;')
})

test('what is left out leaves its lines behind, so that a line of the fragment keeps its number', () => {
  const text = 'a;\nlocation / {\n b;\n}\nc;\nlocation / { d; } e;\n'
  assert.equal(nestedIn(readFragment(text), undefined), 'a;\n\n\n\nc;\n e;\n')
})
