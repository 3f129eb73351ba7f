import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registriesIn } from './registries.ts'

test('the registries of an .npmrc are those for everything and for a scope, and no token is taken for one', () => {
  const text =
    '; ours\nregistry = "https://npm.example.org/"\n@acme:registry=http://127.0.0.1:4873\n//127.0.0.1:4873/:_authToken=x\n'
  const found = registriesIn(text, '/p/.npmrc').map(({ url, where }) => [url, where?.line])
  assert.deepEqual(found, [
    ['https://npm.example.org/', 2],
    ['http://127.0.0.1:4873', 3],
  ])
})
