import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  choosePython,
  fitsSpecifiers,
  readPythonVersionFile,
  unreadableClauses,
  type Version,
  versionToGet,
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
})

test('what is not here is named as a version that can be got', () => {
  const file = '/x'
  assert.equal(versionToGet({ named: { version: '3.12', file, line: 1 } }), '3.12')
  assert.equal(versionToGet({ requires: { specifiers: '>=3.14', file, line: 1 } }), '3.14')
  assert.equal(versionToGet({ requires: { specifiers: '<3.11', file, line: 1 } }), '3.10')
  assert.equal(versionToGet({ tag: 'cpython-310' }), '3.10')
})
