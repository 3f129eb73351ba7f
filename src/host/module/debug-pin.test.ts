import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Paths, pathsOf } from '../home/paths.ts'
import { debugSecrets, knownDebugPin } from './debug-pin.ts'

function pathsFor(t: TestContext): Paths {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(home, { recursive: true }))
  return pathsOf(home)
}

test('PINs and keys of the debugger stay at the next start, and are others for another plugin and in another home', (t) => {
  const [here, elsewhere] = [pathsFor(t), pathsFor(t)]
  const told = (paths: Paths, plugin: string): readonly string[] => {
    const { debugPin, debugKey } = debugSecrets(paths)
    return [debugPin(plugin), debugKey(plugin)]
  }
  const [pin = '', key = ''] = told(here, 'blog')
  assert.match(pin, /^\d{3}-\d{3}-\d{3}$/)
  assert.match(key, /^[0-9a-f]{64}$/)
  assert.deepEqual(told(here, 'blog'), [pin, key])
  for (const [otherPin, otherKey] of [told(here, 'shop'), told(elsewhere, 'blog')]) {
    assert.notEqual(otherPin, pin)
    assert.notEqual(otherKey, key)
  }
})

test('the secret they are made of has 256 bits, is for its user alone, and is not made by who only asks for a PIN', (t) => {
  const paths = pathsFor(t)
  assert.equal(knownDebugPin('blog', paths), undefined)
  const pin = debugSecrets(paths).debugPin('blog')
  assert.equal(knownDebugPin('blog', paths), pin)
  assert.match(readFileSync(paths.debugSecret, 'utf8'), /^[0-9a-f]{64}\n$/)
  assert.equal(statSync(paths.debugSecret).mode & 0o777, 0o600)
})
