import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { findPython2, noPython2, python2Candidates } from './python2.ts'

test('a Python 2.7 is looked for in the system, then on PATH, then among the versions of pyenv, the newest first, and its shims last', () => {
  const pyenv = [{ root: '/home/a/.pyenv', versions: ['2.7.9', '3.12.1', '2.7.18', '2.6.9', 'pypy2.7-7.3.11', '2.7'] }]
  const cases = [
    { places: { interpreter: '/opt/python2.7', path: ['/bin'], pyenv }, expect: ['/opt/python2.7'] },
    {
      places: { interpreter: '', path: ['/home/a/.pyenv/shims', '/a', '/usr/bin'], pyenv },
      expect: [
        '/usr/bin/python2.7',
        '/usr/local/bin/python2.7',
        '/a/python2.7',
        '/a/python2',
        '/usr/bin/python2',
        '/home/a/.pyenv/versions/2.7.18/bin/python2.7',
        '/home/a/.pyenv/versions/2.7.9/bin/python2.7',
        '/home/a/.pyenv/versions/2.7/bin/python2.7',
        '/home/a/.pyenv/shims/python2.7',
        '/home/a/.pyenv/shims/python2',
      ],
    },
    {
      places: { interpreter: '', path: [], pyenv: [] },
      expect: ['/usr/bin/python2.7', '/usr/local/bin/python2.7'],
    },
  ]
  for (const { places, expect } of cases) assert.deepEqual(python2Candidates(places), expect)
})

const WORKS = '#!/bin/sh\nprintf "%s\\ncpython-27mu\\nTrue\\n" "$0"\n'
const IS_PYTHON_3 = '#!/bin/sh\nprintf "%s\\ncpython-27mu\\nFalse\\n" "$0"\n'
/** As pyenv's shim does when no version is chosen. */
const FAILS = '#!/bin/sh\necho "pyenv: python2.7: command not found" >&2\nexit 127\n'

test('a program that exists and does not run as Python 2.7 is passed over', { skip: systemHasOne() }, async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'mfpy'))
  context.after(() => rmSync(root, { recursive: true, force: true }))
  program(join(root, 'shims/python2.7'), FAILS)
  program(join(root, 'shims/python2'), IS_PYTHON_3)
  program(join(root, 'virtualenv/bin/python2.7'), WORKS)
  writeFileSync(join(root, 'virtualenv/pyvenv.cfg'), '')
  const right = program(join(root, 'pyenv/versions/2.7.18/bin/python2.7'), WORKS)
  const environment = {
    PATH: [join(root, 'shims'), join(root, 'virtualenv/bin'), '/usr/bin', '/bin'].join(':'),
    PYENV_ROOT: join(root, 'pyenv'),
  }
  assert.deepEqual(await findPython2('', environment), { path: right, tag: 'cpython-27mu' })
})

test('the configured interpreter is used, and no other one when it fails', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'mfpy'))
  context.after(() => rmSync(root, { recursive: true, force: true }))
  const right = program(join(root, 'python2.7'), WORKS)
  const broken = program(join(root, 'broken/python2.7'), FAILS)
  assert.deepEqual(await findPython2(right, {}), { path: right, tag: 'cpython-27mu' })
  assert.equal(await findPython2(broken, { PATH: root }), undefined)
  assert.equal(await findPython2(join(root, 'absent'), { PATH: root }), undefined)
})

test('without a Python 2.7 the message says what to install, or that what is configured does not run', () => {
  const none = noPython2('', '/rh/config/config.ini')
  assert.equal(none.code, 'TOOL_MISSING')
  for (const word of ['pyenv install 2.7.18', 'Debian 11', 'interpreter =', '[python2]', '/rh/config/config.ini']) {
    assert.ok(none.fix.includes(word), word)
  }
  const wrong = noPython2('/opt/python2.7', '/rh/config/config.ini')
  assert.match(wrong.message, /\/opt\/python2\.7/)
  assert.equal(wrong.where?.file, '/rh/config/config.ini')
})

function program(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

/** That one is taken before any other. */
function systemHasOne(): string | false {
  const found = ['/usr/bin/python2.7', '/usr/local/bin/python2.7'].find((path) => existsSync(path))
  return found === undefined ? false : `${found} is found first`
}
