import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedRegistry, registriesIn } from './registries.ts'

test('the registries of an .npmrc are those for everything and for a scope, and no token is taken for one', () => {
  const text =
    '; ours\nregistry = "https://npm.example.org/"\n@acme:registry=http://127.0.0.1:4873\n//127.0.0.1:4873/:_authToken=x\n'
  const found = registriesIn(text, '/p/.npmrc').map(({ url, where }) => [url, where?.line])
  assert.deepEqual(found, [
    ['https://npm.example.org/', 2],
    ['http://127.0.0.1:4873', 3],
  ])
})

const NPMRC =
  'registry=https://one.example/npm/\n# @x:registry=https://none.example\n@acme:registry = "https://two.example:8443"\n'

test('of several registries, the one that npm asked is named with its line, and none where it is another', () => {
  const registries = registriesIn(NPMRC, '/p/.npmrc')
  assert.deepEqual(
    registries.map(({ url, where }) => [url, where?.line]),
    [
      ['https://one.example/npm/', 1],
      ['https://two.example:8443', 3],
    ],
  )
  const lineFor = (url: string): number | undefined => askedRegistry(`401 Unauthorized - GET ${url}`, registries)?.where?.line
  assert.equal(lineFor('https://one.example/npm/cup'), 1)
  assert.equal(lineFor('https://two.example:8443/@acme%2fcup'), 3)
  assert.equal(lineFor('https://two.example/cup'), undefined)
  assert.equal(lineFor('https://three.example/cup'), undefined)
})
