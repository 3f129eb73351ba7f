import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../../problem.ts'
import { blamedFile, decisiveLine, hintFor } from './npm-message.ts'
import { parsePackageJson } from './package-json.ts'

const NO_VERSION = `code ETARGET
notarget No matching version found for express@^55.
notarget In most cases you or one of your dependencies are requesting a package version that doesn't exist.`
const MISSING = `code E404
404 Not Found - GET https://registry.example/@acme%2ftea
404
404  The requested resource '@acme/tea@^5' could not be found or you do not have permission to access it.`
const CONFLICT = `code ERESOLVE
ERESOLVE unable to resolve dependency tree
While resolving: shop@1.0.0
Found: react@19.0.0
Could not resolve dependency:
peer react@"^17" from old-widgets@1.0.0`
const COMPILED = `code 1
path /plugins/shop/local/node.tmp/node_modules/bcrypt
command failed
command sh -c node-gyp rebuild
gyp ERR! build error
gyp ERR! stack Error: not found: make`

test('the line of npm that says why comes first', () => {
  const cases = [
    { message: NO_VERSION, line: 'No matching version found for express@^55.' },
    { message: MISSING, line: 'Not Found - GET https://registry.example/@acme%2ftea' },
    { message: CONFLICT, line: 'unable to resolve dependency tree' },
    { message: COMPILED, line: 'Error: not found: make' },
    { message: 'something else', line: undefined },
  ]
  for (const { message, line } of cases) assert.equal(decisiveLine(message), line)
})

test('the line that a person edits is that of the package in the message, also where all stand in one line or in a workspace', () => {
  const root = {
    scripts: { express: 'x' },
    dependencies: { express: '^55', react: '^19', bcrypt: '5' },
    devDependencies: { '@acme/tea': '^5' },
  }
  const packages = [
    { path: '', packageJson: parsed(JSON.stringify(root, null, 1)) },
    { path: 'packages/web', packageJson: parsed('{"dependencies": {"old-widgets": "1", "tea": "1"}}') },
  ]
  const cases = [
    { message: NO_VERSION, expect: { file: 'package.json', line: 6 } },
    { message: MISSING, expect: { file: 'package.json', line: 11 } },
    { message: COMPILED, expect: { file: 'package.json', line: 8 } },
    { message: "could not find 'old-widgets@1'", expect: { file: 'packages/web/package.json', line: 1 } },
    { message: 'code ENOTFOUND', expect: { file: 'package.json', line: undefined } },
  ]
  for (const { message, expect } of cases) assert.deepEqual(blamedFile(message, packages), expect)
})

test('what helps depends on what npm said', () => {
  assert.match(hintFor('code E401', 'install'), /wants a token/)
  assert.match(hintFor(CONFLICT, 'install'), /legacy-peer-deps=true/)
  assert.match(hintFor(COMPILED, 'install'), /build-essential/)
  assert.match(hintFor('code EINTEGRITY', 'ci'), /make superclean/)
  assert.match(hintFor('code ENOTFOUND', 'ci'), /forgets the lock.*mirrors and proxies/)
})

function parsed(text: string) {
  const packageJson = parsePackageJson(text, 'package.json')
  if (packageJson instanceof Problem) throw packageJson
  return packageJson
}
