import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { plugin } from '../../../../test/support/desired-fixture.ts'
import { formatProblem } from '../../../problem.ts'
import { absentPasswords } from './absent-passwords.ts'

const place = mkdtempSync(join(tmpdir(), 'mfpass'))
after(() => rmSync(place, { recursive: true }))

test('a file of passwords outside of the plugin that is not there is named with the line, until it is there', () => {
  const file = join(place, 'htpasswd')
  const shop = plugin('shop', `[app_main]\ntype=static\nauth_basic_user_file=${file}\n`)
  const [problem, ...more] = absentPasswords([shop, plugin('blog', '[app_main]\ntype=static\n')])
  assert.deepEqual(more, [])
  assert.ok(problem)
  assert.match(
    formatProblem(problem),
    /config\.ini:11 {2}nobody may use app main of the plugin shop: the file of its passwords, .*htpasswd, is not there {2}\(PLUGIN_FILE_MISSING\)/,
  )
  writeFileSync(file, 'a:b\n')
  assert.deepEqual(absentPasswords([shop]), [])
})
