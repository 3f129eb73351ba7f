import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeFiles } from '../../../../test/support/write-files.ts'
import { Problem } from '../../../problem.ts'
import { mayRunOnAnother, needsOfPython, wantedByRelease, wantedPython } from './wanted-python.ts'

const PYTHON = '[app_main]\ntype=python3_sync\n'
const project = (requires: string): string => `[project]\nname = "x"\nrequires-python = "${requires}"\n`

test('both files are read, in a plugin that has something in Python 3', (t) => {
  const asked = (files: Readonly<Record<string, string>>) => {
    const { named, requires } = wantedPython(plugin(t, files))
    return [named?.version, requires?.specifiers]
  }
  assert.deepEqual(asked({ 'config.ini': PYTHON, '.python-version': '3.12\n' }), ['3.12', undefined])
  assert.deepEqual(asked({ 'pyproject.toml': project('>=3.10'), '.python-version': '3.12.1\n' }), ['3.12.1', '>=3.10'])
  assert.deepEqual(asked({ 'config.ini': '[app_main]\ntype=node\n', '.python-version': '3.12\n' }), [undefined, undefined])
  assert.deepEqual(asked({ 'config.ini': PYTHON, '.python-version': 'system\n' }), [undefined, undefined])
})

test('two files that no Python can satisfy are named, with both lines', (t) => {
  const home = plugin(t, { '.python-version': '3.9\n', 'pyproject.toml': project('>=3.11') })
  assert.throws(
    () => wantedPython(home),
    (error) => {
      assert.ok(error instanceof Problem)
      assert.match(error.message, /says 3\.9, and requires-python of pyproject\.toml >=3\.11/)
      assert.match(error.fix, /line 1 of \.python-version, or line 3 of pyproject\.toml/)
      return true
    },
  )
})

test('a release says which Python it runs on; one of MFSERV that ran on another says nothing', (t) => {
  const files = { '.python-version': '3.12\n', 'pyproject.toml': project('>=3.10') }
  assert.deepEqual(needsOfPython(plugin(t, files)), { python3Version: { requires: '==3.12.*,>=3.10' } })
  const old = plugin(t, { ...files, 'python3_virtualenv_sources/requirements-to-freeze.txt': '' })
  assert.deepEqual([mayRunOnAnother(old), needsOfPython(old)], [true, {}])
  assert.deepEqual(needsOfPython(plugin(t, { 'config.ini': PYTHON })), {})
})

test('a release is built with the Python of its manifest, and a file of MFSERV with that of its wheels', (t) => {
  const wheel = 'python3_virtualenv_sources/src/x-1-cp311-cp311-manylinux_2_17_x86_64.whl'
  assert.deepEqual(wantedByRelease(plugin(t, { [wheel]: '' })), { tag: 'cpython-311' })
  const needs = { python3Version: { requires: '>=3.12' }, python3: { tag: 'cpython-313' } }
  const manifest = {
    format: 1,
    name: 'x',
    version: '1',
    release: '1',
    needs,
    files: {},
    links: {},
    directories: [],
    executables: [],
  }
  const { tag, requires } = wantedByRelease(plugin(t, { '.mfserv_release.json': JSON.stringify(manifest) }))
  assert.deepEqual([tag, requires?.specifiers], ['cpython-313', '>=3.12'])
  assert.deepEqual(wantedByRelease(plugin(t, { 'config.ini': PYTHON, '.python-version': '3.12\n' })), {})
})

function plugin(t: TestContext, files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(home, { recursive: true }))
  return writeFiles(home, files)
}
