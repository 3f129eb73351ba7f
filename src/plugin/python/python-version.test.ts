import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  choosePython,
  describeWanted,
  fitsSpecifiers,
  isContradiction,
  readPythonVersionFile,
  specifiersOf,
  unreadableClauses,
  type Version,
  versionOf,
  versionToGet,
  waysToGet,
} from './python-version.ts'

test('.python-version is read as pyenv and uv read it', () => {
  const cases = [
    ['3.12\n', { version: '3.12', line: 1 }],
    ['# ours\n\n3.12.1\n3.11\n', { version: '3.12.1', line: 3 }],
    ['cpython-3.11.7-linux-x86_64-gnu\n', { version: '3.11.7', line: 1 }],
    ['python-3.10\r\n', { version: '3.10', line: 1 }],
    ['3\n', { version: '3', line: 1 }],
    ['system\n', undefined],
    ['pypy3.10\n', undefined],
    ['my-virtualenv\n', undefined],
    ['', undefined],
  ] as const
  for (const [text, expected] of cases) assert.deepEqual(readPythonVersionFile(text), expected, text)
})

test('requires-python is compared as Python packages compare versions', () => {
  const cases: readonly (readonly [string, Version, boolean])[] = [
    ['>=3.10', [3, 11, 7], true],
    ['>=3.10', [3, 9, 2], false],
    ['>=3.10,<3.12', [3, 12, 1], false],
    ['>3.11', [3, 11, 0], false],
    ['<=3.11', [3, 11, 7], false],
    ['<4', [3, 13, 0], true],
    ['==3.11.*', [3, 11, 7], true],
    ['==3.11.*', [3, 12, 0], false],
    ['==3.11.7', [3, 11, 7], true],
    ['!=3.11.*', [3, 11, 7], false],
    ['~=3.10', [3, 13, 0], true],
    ['~=3.10.1', [3, 11, 0], false],
    ['^3.10', [3, 13, 0], true],
    ['>= 3.10 , < 4.0', [3, 10, 0], true],
    ['>=3.9.0rc1', [3, 9, 0], true],
    ['', [3, 9, 0], true],
    ['<=3.11', [3, 11, 0], true],
    ['<=3.11', [3, 10, 9], true],
    ['>3.11', [3, 11, 1], true],
    ['<3.11', [3, 11, 0], false],
    ['!=3.11.7', [3, 11, 7], false],
    ['!=3.11.7', [3, 11, 8], true],
    ['!=3.11.*', [3, 12, 7], true],
    ['~=3.10', [3, 10, 0], true],
    ['~=3.10', [3, 9, 0], false],
    ['~=3.10', [4, 0, 0], false],
    ['~=3.10.1', [3, 10, 0], false],
    ['~=3.10.1', [3, 10, 1], true],
    ['^3.10', [3, 10, 0], true],
    ['^3.10', [3, 9, 0], false],
    ['^3.10', [4, 0, 0], false],
    ['==3.11', [3, 11, 1], false],
    ['==3.11', [3, 11, 0], true],
    ['<=3.11', [3, 11, 1], false],
    ['!=3.11', [3, 11, 7], true],
    ['==3.10.0', [3, 10], true],
    ['about 3', [3, 9, 0], true],
    ['about 3,>=3.10', [3, 9, 0], false],
  ]
  for (const [specifiers, version, expected] of cases)
    assert.equal(fitsSpecifiers(version, specifiers), expected, `${specifiers} ${version}`)
  assert.deepEqual(unreadableClauses('>=3.10, about 3'), ['about 3'])
})

const OWN = { python3: '/usr/bin/python3', tag: 'cpython-311', version: '3.11.2' }
const FOUND = [
  OWN,
  { python3: '/opt/3.12.1', tag: 'cpython-312', version: '3.12.1' },
  { python3: '/opt/3.12.9', tag: 'cpython-312', version: '3.12.9' },
  { python3: '/opt/3.13', tag: 'cpython-313', version: '3.13.0' },
]

test('the Python of mfserv is taken while it will do, then the version that is named, then the newest', () => {
  const file = '/x'
  const named = (version: string) => ({ named: { version, file, line: 1 } })
  const requires = (specifiers: string) => ({ requires: { specifiers, file, line: 1 } })
  const cases = [
    [{}, OWN.python3],
    [named('3.11'), OWN.python3],
    [named('3.11.99'), OWN.python3],
    [named('3'), OWN.python3],
    [named('3.12'), '/opt/3.12.9'],
    [named('3.12.1'), '/opt/3.12.1'],
    [named('3.9'), undefined],
    [requires('>=3.10'), OWN.python3],
    [requires('>=3.12'), '/opt/3.13'],
    [requires('>=3.12,<3.13'), '/opt/3.12.9'],
    [{ ...named('3.12'), ...requires('>=3.13') }, undefined],
    [{ tag: 'cpython-313' }, '/opt/3.13'],
  ] as const
  for (const [wanted, expected] of cases) assert.equal(choosePython(FOUND, wanted)?.python3, expected, JSON.stringify(wanted))
  const same = [OWN, ...['/opt/a', '/opt/b'].map((python3) => ({ python3, tag: 'cpython-312', version: '3.12.0' })), ...FOUND]
  assert.equal(choosePython(same, named('3.12.0'))?.python3, '/opt/a')
  assert.equal(choosePython(same, named('3.12'))?.python3, '/opt/3.12.9')
  assert.equal(choosePython([], named('3.12')), undefined)
})

test('what names no version is older than all that do', () => {
  assert.deepEqual(versionOf('none'), [0])
})

test('what is not here is named as a version that can be got', () => {
  const file = '/x'
  assert.equal(versionToGet({ named: { version: '3.12', file, line: 1 } }), '3.12')
  assert.equal(versionToGet({ requires: { specifiers: '>=3.14', file, line: 1 } }), '3.14')
  assert.equal(versionToGet({ requires: { specifiers: '<3.11', file, line: 1 } }), '3.10')
  assert.equal(versionToGet({ tag: 'cpython-310' }), '3.10')
})

const named = (version: string) => ({ named: { version, file: '/x/shop/.python-version', line: 1 } })
const requires = (specifiers: string) => ({ requires: { specifiers, file: '/x/shop/pyproject.toml', line: 1 } })

test('what is wanted is told with the file that says it', () => {
  assert.equal(describeWanted({}), '')
  assert.equal(describeWanted(named('3.12')), 'Python 3.12 (.python-version)')
  assert.equal(describeWanted(requires('>=3.11')), 'Python >=3.11 (requires-python of pyproject.toml)')
  assert.equal(describeWanted({ tag: 'cpython-311' }), 'cpython-311, which its packages are built for')
  assert.equal(
    describeWanted({ ...named('3.12'), ...requires('>=3.11'), tag: 'x' }),
    'Python 3.12 (.python-version) and Python >=3.11 (requires-python of pyproject.toml) and x, which its packages are built for',
  )
})

test('the way to get a version names it, where one fits', () => {
  assert.match(waysToGet(named('3.12')), /^Get it with "uv python install 3\.12" or "pyenv install 3\.12"\. Debian/)
  assert.match(waysToGet(requires('>=4')), /^Install one that fits\. Debian/)
  assert.equal(versionToGet({}), '3.13')
})

test('for tools that read specifiers, .python-version is all patches of its minor version', () => {
  assert.equal(specifiersOf({}), '')
  assert.equal(specifiersOf(named('3.12.4')), '==3.12.*')
  assert.equal(specifiersOf(requires('>=3.11')), '>=3.11')
  assert.equal(specifiersOf({ ...named('3.12'), ...requires('>=3.11') }), '==3.12.*,>=3.11')
})

test('two files contradict each other only where no version at all fits both', () => {
  const cases = [
    ['3.12', '>=3.13', true],
    ['3.12', '>=3.11', false],
    ['3.12', '==3.12.3', false],
    ['3.12', '>=3.12.3,<3.12.4', false],
    ['3.12', '<=3.12', false],
    ['3.12', '>=3.12.99', false],
    ['3.12', '>=3.12.100', true],
    ['3.12.3', '!=3.12.3', true],
    ['3.12.3', '>=3.12.3', false],
    ['3.12.3', '>3.12.3', true],
    ['3', '<3', false],
  ] as const
  for (const [version, specifiers, expected] of cases)
    assert.equal(isContradiction({ ...named(version), ...requires(specifiers) }), expected, `${version} ${specifiers}`)
  assert.equal(isContradiction(named('3.12')), false)
  assert.equal(isContradiction(requires('<1')), false)
  assert.equal(isContradiction({}), false)
})
