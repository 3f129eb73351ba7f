import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { followLink } from './links.ts'

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
  ] as const
  for (const { links, end } of cases) {
    const tree = new Map(Object.entries(links))
    const [path = ''] = tree.keys()
    assert.equal(followLink(path, tree), end, JSON.stringify(links))
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
        for (const path of links.keys()) {
          if (!existsSync(join(home, path))) continue
          const isInside = !relative(home, realpathSync(join(home, path))).startsWith('..')
          if (followLink(path, links) === 'inside') assert.ok(isInside, JSON.stringify([...links]))
        }
      }),
      { numRuns: 300 },
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})
