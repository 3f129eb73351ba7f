import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TEMPLATES } from '../../template/templates.ts'
import { namesIn } from '../disk/names-in.ts'
import { prepareDirectories } from './directories.ts'
import { MFSERV_HOME, pathsOf } from './paths.ts'

const PAGE = readFileSync(join(MFSERV_HOME, 'share/welcome/index.html'), 'utf8')

test('the welcome page names every template, in the order in which they are listed', () => {
  const [, list = ''] = /<ul class="templates">([\s\S]*?)<\/ul>/.exec(PAGE) ?? []
  assert.deepEqual(
    [...list.matchAll(/<code>([^<]*)<\/code>/g)].map(([, name]) => name),
    Object.keys(TEMPLATES),
  )
})

test('the welcome page runs and looks as its policy allows', () => {
  for (const part of ['style', 'script']) {
    const [, text = ''] = new RegExp(`<${part}>([\\s\\S]*?)</${part}>`).exec(PAGE) ?? []
    const digest = createHash('sha256').update(text).digest('base64')
    assert.ok(PAGE.includes(`${part}-src 'sha256-${digest}'`), `${part}-src 'sha256-${digest}'`)
  }
})

test('a runtime home gets the whole welcome page', (context) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home)
  prepareDirectories(paths)
  assert.deepEqual(namesIn(paths.welcome), namesIn(join(MFSERV_HOME, 'share/welcome')))
})
