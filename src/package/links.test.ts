import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { followLinks } from './links.ts'

test('a link is followed through the other links of the tree, and told when it leaves', () => {
  const cases = [
    { links: { a: 'b' }, end: 'inside' },
    { links: { 'x/a': '../b' }, end: 'inside' },
    { links: { 'x/y/a': '../../../b' }, end: 'outside' },
    { links: { a: '..' }, end: 'outside' },
    { links: { a: '/etc/passwd' }, end: 'outside' },
    { links: { a: './b/./../c' }, end: 'inside' },
    { links: { a: 'a' }, end: 'circle' },
    { links: { a: 'b', b: 'a' }, end: 'circle' },
    // Each one is harmless alone: `deep` makes the `..` of `a` mean another directory.
    { links: { a: 'deep/../../b', deep: 'x/y/z' }, end: 'inside' },
    { links: { a: 'top/../b', top: 'x' }, end: 'inside' },
    { links: { 'x/y/a': 'up/../b', 'x/y/up': '../..' }, end: 'outside' },
    { links: { a: 'b/c', b: 'd', d: '..' }, end: 'outside' },
    // The `up` below a directory that is not there is no link.
    { links: { a: 'none/up', up: '..' }, end: 'inside' },
  ] as const
  for (const { links, end } of cases) {
    const tree = new Map(Object.entries(links))
    const [path = ''] = tree.keys()
    assert.equal(followLinks(tree).get(path), end, JSON.stringify(links))
  }
})

test('links that lead through each other again and again are followed once each: otherwise this would not end', () => {
  const width = 500
  const chain = new Map(
    Array.from({ length: 400 }, (_, index) => [`${index}`, Array.from({ length: width }, () => `${index + 1}`).join('/../')]),
  )
  const bushy = new Map(Array.from({ length: 60 }, (_, index) => [`${index}`, `${index + 1}/../${index + 1}/..`]))
  const long = new Map(Array.from({ length: 100_000 }, (_, index) => [`${index}`, `${index + 1}`]))
  const [first, second, third] = [chain, bushy, long].map(followLinks)
  assert.deepEqual([first?.get('0'), first?.get('399'), second?.get('0')], ['far', 'inside', 'outside'])
  assert.deepEqual([third?.get('0'), third?.get('99960'), third?.get('99959')], ['far', 'inside', 'far'])
})

test('as many links are followed on one way as the system follows', () => {
  const root = mkdtempSync(join(tmpdir(), 'mfserv-links-'))
  try {
    writeFileSync(join(root, '50'), '')
    const links = new Map(Array.from({ length: 50 }, (_, index) => [`${index}`, `${index + 1}`]))
    for (const [path, target] of links) symlinkSync(target, join(root, path))
    const ends = followLinks(links)
    for (const path of links.keys()) assert.equal(ends.get(path), existsSync(join(root, path)) ? 'inside' : 'far', path)
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('what is called inside is inside for the system too, for any links', () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '')
  const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/') || '.')
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
  const root = mkdtempSync(join(tmpdir(), 'mfserv-links-'))
  try {
    fc.assert(
      fc.property(fc.dictionary(path, target, { maxKeys: 6 }), (wanted) => {
        const home = join(root, 'outer/home')
        rmSync(home, { recursive: true, force: true })
        mkdirSync(home, { recursive: true })
        const links = new Map<string, string>()
        for (const [path, target] of Object.entries(wanted)) {
          const place = join(home, path)
          const isFree = [...links.keys()].every(
            (other) => !`${path}/`.startsWith(`${other}/`) && !`${other}/`.startsWith(`${path}/`),
          )
          if (!isFree) continue
          mkdirSync(dirname(place), { recursive: true })
          symlinkSync(target, place)
          links.set(path, target)
        }
        const ends = followLinks(links)
        for (const path of links.keys()) {
          if (!existsSync(join(home, path))) continue
          // Node's own realpath resolves `..` by the text, and may never come back from links that the system follows.
          const isInside = !relative(home, realpathSync.native(join(home, path))).startsWith('..')
          if (ends.get(path) === 'inside') assert.ok(isInside, JSON.stringify([...links]))
        }
      }),
      { numRuns: 300 },
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})
