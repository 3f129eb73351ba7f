import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { namesIn } from '../disk/names-in.ts'
import { prepareDirectories } from './directories.ts'
import { MFSERV_HOME, pathsOf } from './paths.ts'

test('a runtime home gets the whole welcome page', (context) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home)
  prepareDirectories(paths)
  assert.deepEqual(namesIn(paths.welcome), namesIn(join(MFSERV_HOME, 'share/welcome')))
})
