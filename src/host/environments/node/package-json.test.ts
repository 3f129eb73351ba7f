import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../../problem.ts'
import { misfits } from './locks.ts'
import { decideNodeModules, nodeModulesStamp, type PackageJson, parsePackageJson } from './package-json.ts'

const EXPRESS = parsed({ dependencies: { express: '^5.0.0' } })
const LOCK = JSON.stringify({ packages: { '': { dependencies: { express: '^5.0.0' } } } })

test('a package.json that is not JSON is refused with its line', () => {
  const cases = [
    { text: '{\n  "dependencies": {\n    "a": "1",\n  }\n}\n', line: 4 },
    { text: '{\n  "a": 1\n', line: 2 },
    { text: '[]', line: 1 },
  ]
  for (const { text, line } of cases) {
    const problem = parsePackageJson(text, '/p/package.json')
    assert.ok(problem instanceof Problem)
    assert.deepEqual([problem.code, problem.where], ['BUILD_FAILED', { file: '/p/package.json', line }])
  }
})

test('a package.json that refers to its directory is installed there', () => {
  const cases = [
    { json: { dependencies: { a: '^1' } }, needs: 'itself only' },
    { json: { dependencies: { a: 'github:b/c' }, scripts: { test: 'x' } }, needs: 'itself only' },
    { json: { dependencies: { a: 'file:./a' } }, needs: 'the directory' },
    { json: { devDependencies: { a: '../a' } }, needs: 'the directory' },
    { json: { dependencies: { a: '1' }, workspaces: ['b'] }, needs: 'the directory' },
    { json: { workspaces: { packages: ['b'] } }, needs: 'the directory' },
    { json: { dependencies: { a: '1' }, scripts: { postinstall: 'x' } }, needs: 'the directory' },
  ]
  for (const { json, needs } of cases) assert.equal(parsed(json).needs, needs)
})

test('a lock fits exactly when it says the same as package.json and every package in the plugin', () => {
  const lib = (json: object) => [{ path: 'packages/lib', packageJson: parsed(json) }]
  const workspaces = JSON.stringify({
    packages: { '': {}, 'packages/lib': { dependencies: { ms: '1' } }, 'node_modules/lib': { link: true } },
  })
  const cases = [
    { lock: LOCK, json: EXPRESS, local: [], says: [] },
    { lock: 'not JSON', json: EXPRESS, local: [], says: ['it is not the JSON of a lock'] },
    {
      lock: LOCK,
      json: parsed({ dependencies: { express: '^6.0.0' } }),
      local: [],
      says: ['express is ^5.0.0 in it and ^6.0.0 in package.json'],
    },
    {
      lock: LOCK,
      json: parsed({ dependencies: { express: '^5.0.0', six: '1' } }),
      local: [],
      says: ['six is absent in it and 1 in package.json'],
    },
    { lock: LOCK, json: parsed({}), local: [], says: ['express is ^5.0.0 in it and absent in package.json'] },
    { lock: workspaces, json: parsed({ workspaces: ['packages/*'] }), local: lib({ dependencies: { ms: '1' } }), says: [] },
    {
      lock: workspaces,
      json: parsed({ workspaces: ['packages/*'] }),
      local: lib({ dependencies: { ms: '2' } }),
      says: ['ms is 1 in it and 2 in packages/lib/package.json'],
    },
    { lock: workspaces, json: parsed({}), local: [], says: ['it knows packages/lib, which is no package here'] },
    { lock: LOCK, json: EXPRESS, local: lib({}), says: ['it does not know packages/lib/package.json'] },
  ]
  for (const { lock, json, local, says } of cases) assert.deepEqual(misfits(lock, json, local), says)
})

test('node_modules is built again only for another package.json, lock or Node', () => {
  const built = nodeModulesStamp(EXPRESS, LOCK, '147')
  const cases = [
    { packageJson: EXPRESS, lock: LOCK, built: undefined, expect: 'build' },
    { packageJson: EXPRESS, lock: LOCK, built, expect: 'keep' },
    { packageJson: EXPRESS, lock: undefined, built, expect: 'build' },
    { packageJson: EXPRESS, lock: `${LOCK} `, built, expect: 'build' },
    { packageJson: parsed({ dependencies: { express: '^6' } }), lock: LOCK, built, expect: 'build' },
    { packageJson: EXPRESS, lock: LOCK, built: { ...built, abi: '115' }, expect: 'build' },
    { packageJson: parsed({}), lock: undefined, built: undefined, expect: 'keep' },
    { packageJson: undefined, lock: undefined, built: undefined, expect: 'keep' },
    { packageJson: undefined, lock: LOCK, built, expect: 'remove' },
  ] as const
  for (const { packageJson, lock, built, expect } of cases)
    assert.equal(decideNodeModules({ packageJson, lock, local: [] }, '147', built), expect)
})

test('node_modules is built again when a package in the plugin changed, or the yarn.lock that its lock was made from', () => {
  const packageJson = parsed({ workspaces: ['packages/*'] })
  const lib = (version: string) => [{ path: 'packages/lib', packageJson: parsed({ dependencies: { ms: version } }) }]
  const built = nodeModulesStamp(packageJson, LOCK, '147', lib('1'), 'yarn')
  const cases = [
    { local: lib('1'), lock: LOCK, yarnLock: 'yarn', expect: 'keep' },
    { local: lib('2'), lock: LOCK, yarnLock: 'yarn', expect: 'build' },
    { local: [], lock: LOCK, yarnLock: 'yarn', expect: 'build' },
    { local: lib('1'), lock: LOCK, yarnLock: 'another', expect: 'build' },
    { local: lib('1'), lock: LOCK, yarnLock: undefined, expect: 'keep' },
  ] as const
  for (const { expect, ...rest } of cases) assert.equal(decideNodeModules({ packageJson, ...rest }, '147', built), expect)
})

function parsed(json: object): PackageJson {
  const packageJson = parsePackageJson(JSON.stringify(json), 'package.json')
  if (packageJson instanceof Problem) throw packageJson
  return packageJson
}
