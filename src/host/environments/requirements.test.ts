import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideVirtualenv, fingerprint, frozenText, mustFreeze, requirementLines } from './requirements.ts'

test('comments and blank lines are not requirements', () => {
  const text = '# why\n\nflask>=3  # web\nname @ https://example.org/x.zip#egg=name\nlong \\\n  ; python_version > "3"\r\n'
  assert.deepEqual(requirementLines(text), [
    'flask>=3',
    'name @ https://example.org/x.zip#egg=name',
    'long    ; python_version > "3"',
  ])
})

test('requirements are frozen again when they change, not when a comment or the age of a file does', () => {
  const of = (text: string) => ({ title: 'requirements-to-freeze.txt', fingerprint: fingerprint(text) })
  const frozen = frozenText(of('flask\n'), ['flask==3.1.0'])
  const cases = [
    { source: undefined, frozen, age: 'newer', expect: false },
    { source: 'flask\n', frozen: undefined, age: 'not newer', expect: true },
    { source: 'flask\n', frozen, age: 'newer', expect: false },
    { source: '# web\nflask\n', frozen, age: 'newer', expect: false },
    { source: 'flask\nsix\n', frozen, age: 'not newer', expect: true },
    { source: 'flask\n', frozen: 'flask==1.0\n', age: 'not newer', expect: false },
    { source: 'flask\n', frozen: 'flask==1.0\n', age: 'newer', expect: true },
  ] as const
  for (const { source, frozen, age, expect } of cases) {
    assert.equal(mustFreeze(source === undefined ? undefined : of(source), frozen, age), expect)
  }
  assert.equal(mustFreeze({ ...of('flask\n'), title: 'requirements.txt' }, frozen, 'not newer'), true, 'another file decides')
})

test('a virtualenv is built again only for other packages, another Python, or a place it cannot move to', () => {
  const frozen = 'flask==3.1.0\n'
  const stamp = { requirements: fingerprint(frozen), python: 'cpython-311', boundTo: undefined }
  const cases = [
    { frozen, built: undefined, expect: 'build' },
    { frozen, built: stamp, expect: 'keep' },
    { frozen: `# by hand\n${frozen}`, built: stamp, expect: 'keep' },
    { frozen: 'flask==3.1.1\n', built: stamp, expect: 'build' },
    { frozen, built: { ...stamp, python: 'cpython-39' }, expect: 'build' },
    { frozen, built: { ...stamp, boundTo: '/here' }, expect: 'keep' },
    { frozen, built: { ...stamp, boundTo: '/elsewhere' }, expect: 'build' },
    { frozen: '# none\n', built: undefined, expect: 'keep' },
    { frozen: '# none\n', built: stamp, expect: 'remove' },
  ] as const
  const wanted = { python: 'cpython-311', home: '/here', need: 'with packages' } as const
  for (const { frozen, built, expect } of cases) {
    assert.equal(decideVirtualenv({ ...wanted, requirements: frozen }, built), expect)
  }
})

test('a plugin with sources for Python 2 has a virtualenv also without packages', () => {
  const wanted = { requirements: '# none\n', python: 'cpython-27mu /usr/bin/python2.7', home: '/here', need: 'always' } as const
  const stamp = { requirements: fingerprint(''), python: wanted.python, boundTo: '/here' }
  assert.equal(decideVirtualenv(wanted, undefined), 'build')
  assert.equal(decideVirtualenv(wanted, stamp), 'keep')
  assert.equal(decideVirtualenv(wanted, { ...stamp, python: 'cpython-27mu /opt/python2.7' }), 'build')
})
