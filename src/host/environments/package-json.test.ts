import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../problem.ts'
import { decideNodeModules, nodeModulesStamp, npmCommand, type PackageJson, parsePackageJson } from './package-json.ts'

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
    { json: { dependencies: { a: '1' }, scripts: { postinstall: 'x' } }, needs: 'the directory' },
  ]
  for (const { json, needs } of cases) assert.equal(parsed(json).needs, needs)
})

test('npm ci is used exactly when the lock belongs to package.json', () => {
  assert.equal(npmCommand(EXPRESS, LOCK), 'ci')
  assert.equal(npmCommand(EXPRESS, undefined), 'install')
  assert.equal(npmCommand(EXPRESS, 'not JSON'), 'install')
  assert.equal(npmCommand(parsed({ dependencies: { express: '^6.0.0' } }), LOCK), 'install')
  assert.equal(npmCommand(parsed({ dependencies: { express: '^5.0.0', six: '1' } }), LOCK), 'install')
  assert.equal(npmCommand(parsed({ dependencies: {} }), LOCK), 'install')
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
    assert.equal(decideNodeModules(packageJson, lock, '147', built), expect)
})

function parsed(json: object): PackageJson {
  const packageJson = parsePackageJson(JSON.stringify(json), 'package.json')
  if (packageJson instanceof Problem) throw packageJson
  return packageJson
}
