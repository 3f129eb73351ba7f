import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPythons, noPython, python3Candidates } from './pythons.ts'

test('a Python is looked for in the system, on PATH, in pyenv and among those of uv', () => {
  const candidates = python3Candidates({
    path: ['/home/me/.pyenv/shims', '/opt/python/bin'],
    versions: [
      { root: '/home/me/.pyenv/versions', names: ['2.7.18', '3.12.1', '3.13.0', 'pypy3.10-7.3', 'my-virtualenv'] },
      { root: '/home/me/.local/share/uv/python', names: ['cpython-3.12.1-linux-x86_64-gnu', 'pypy-3.10-linux', '.lock'] },
    ],
    shims: ['/home/me/.pyenv/shims'],
  })
  assert.equal(candidates[0], '/usr/bin/python3')
  for (const path of ['/usr/local/bin/python3.12', '/opt/python/bin/python3', '/opt/python/bin/python3.13'])
    assert.ok(candidates.includes(path), path)
  assert.deepEqual(
    candidates.filter((path) => path.startsWith('/home/me')),
    [
      '/home/me/.pyenv/versions/3.12.1/bin/python3',
      '/home/me/.pyenv/versions/3.13.0/bin/python3',
      '/home/me/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/bin/python3',
    ],
  )
  assert.equal(new Set(candidates).size, candidates.length)
})

test('what is not here is named with what is here, the line that asks for it, and the ways to get it', async () => {
  const found = await findPythons(process.env)
  const [own] = found
  assert.ok(own !== undefined)
  assert.match(own.version, /^3\.\d+\.\d+$/)
  const { message, fix, code, where } = await noPython(
    { named: { version: '3.5', file: '/x/.python-version', line: 2 } },
    process.env,
  )
  assert.equal(code, 'TOOL_MISSING')
  assert.ok(
    message.startsWith(`this plugin wants Python 3.5 (.python-version); here is ${own.version} (${own.python3})`),
    message,
  )
  assert.match(fix, /"uv python install 3\.5" or "pyenv install 3\.5"/)
  assert.deepEqual(where, { file: '/x/.python-version', line: 2 })
})
