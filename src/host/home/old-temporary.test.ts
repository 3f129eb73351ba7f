import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { removeOldTemporary } from './old-temporary.ts'
import { pathsOf } from './paths.ts'

const home = mkdtempSync(join(tmpdir(), 'mf'))
after(() => rmSync(home, { recursive: true }))
const DAY = 86_400_000

test('what plugins left in tmp for longer than that goes, what is younger and what is of others stays', async () => {
  const { tmp } = pathsOf(home)
  for (const directory of ['blog/deep', 'config_auto']) mkdirSync(join(tmp, directory), { recursive: true })
  const files = ['blog/old', 'blog/deep/old', 'config_auto/nginx.conf', 'outside'].map((name) => join(tmp, name))
  for (const file of files) {
    writeFileSync(file, '')
    utimesSync(file, 1, 1)
  }
  symlinkSync(join(tmp, 'outside'), join(tmp, 'blog/link'))
  // The time of a change of its name or rights cannot be set back: the clock is set on instead.
  const later = Date.now() + 3 * DAY
  const run = (days: number) => removeOldTemporary(pathsOf(home), ['blog', 'gone'], days * DAY, later)
  assert.equal(await run(4), 0)
  assert.deepEqual(readdirSync(join(tmp, 'blog')), ['deep', 'link', 'old'])
  assert.equal(await run(2), 3)
  // It was changed just now, when the file in it went.
  assert.deepEqual(
    readdirSync(tmp, { recursive: true }).sort(),
    ['blog', 'config_auto', 'config_auto/nginx.conf', 'outside'].sort(),
  )
})
