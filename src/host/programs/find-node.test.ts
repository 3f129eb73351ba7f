import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import satisfies from 'semver/functions/satisfies.js'
import { findNode } from './find-node.ts'

const root = mkdtempSync(join(tmpdir(), 'mfnodes'))
after(() => rmSync(root, { recursive: true, force: true }))

test('the newest Node that fits is taken, of a version manager or of PATH; one that does not run is none', async () => {
  const nvm = node('home/.nvm/versions/node/v18.20.1/bin/node', '18.20.1 108')
  const fnm = node('home/.local/share/fnm/node-versions/v20.11.0/installation/bin/node', '20.11.0 115')
  const volta = node('volta/tools/image/node/20.9.0/bin/node', '20.9.0 115')
  const path = node('bin/node', '22.1.0 127')
  node('home/.nvm/versions/node/v20.99.0/bin/node', 'broken')
  const env = { HOME: join(root, 'home'), VOLTA_HOME: join(root, 'volta'), PATH: `${join(root, 'bin')}:relative:/nonexistent` }
  const cases = [
    { range: '18', expect: { path: nvm, version: '18.20.1', abi: '108' } },
    { range: '20', expect: { path: fnm, version: '20.11.0', abi: '115' } },
    { range: '20.9', expect: { path: volta, version: '20.9.0', abi: '115' } },
    { range: '>=18', expect: { path, version: '22.1.0', abi: '127' } },
    { range: '>=99', expect: undefined },
  ]
  for (const { range, expect } of cases) assert.deepEqual(await findNode((version) => satisfies(version, range), env), expect)
})

/** A program that says its version as Node does when it is asked. */
function node(path: string, says: string): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(file, 0o755)
  return file
}
