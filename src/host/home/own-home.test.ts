import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { whyNotOurs } from './own-home.ts'

const ME = process.geteuid?.() ?? 0
/** For whom what this test makes belongs to another user. */
const SOMEBODY_ELSE = ME + 1

function directoryFor(t: TestContext): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mf')))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

test('a home of our own is ours, whether it is there, is yet to be made, or is reached by a link of our own', (t) => {
  const directory = directoryFor(t)
  const home = join(directory, 'home')
  assert.equal(whyNotOurs(home), undefined)
  mkdirSync(home)
  symlinkSync('home', join(directory, 'link'))
  for (const path of [home, join(directory, 'link'), join(directory, 'link/below')]) assert.equal(whyNotOurs(path), undefined)
})

test('the home of another user is refused, and so is one that another user could put in place of ours', (t) => {
  const directory = directoryFor(t)
  mkdirSync(join(directory, 'home'))
  symlinkSync('/', join(directory, 'link'))
  assert.match(whyNotOurs(directory, SOMEBODY_ELSE)?.why ?? '', /^it belongs to another user/)
  assert.match(whyNotOurs(directory, SOMEBODY_ELSE)?.fix ?? '', new RegExp(`sudo -u '#${ME}'`))
  // Root is trusted with every directory on the way: as root, it is given away and asked for as root.
  if (ME === 0) chownSync(directory, SOMEBODY_ELSE, -1)
  for (const path of ['home', 'home/below', 'yet-to-be-made', 'link/tmp'])
    assert.match(
      whyNotOurs(join(directory, path), ME === 0 ? ME : SOMEBODY_ELSE)?.why ?? '',
      new RegExp(`${directory} belongs to another user`),
    )
})

test('where everybody may write, nothing is ours: neither the home nor a directory on the way to it', (t) => {
  const directory = directoryFor(t)
  const home = join(directory, 'home')
  mkdirSync(home)
  chmodSync(home, 0o777)
  assert.deepEqual(whyNotOurs(home), {
    why: `every user can write to ${home}`,
    fix: `Take that right away: chmod o-w ${home}, and look at what others have put there.`,
  })
  assert.match(whyNotOurs(join(home, 'below'))?.fix ?? '', new RegExp(`chmod o-w ${home}`))
  symlinkSync(home, join(directory, 'link'))
  assert.match(whyNotOurs(join(directory, 'link/below'))?.why ?? '', new RegExp(`write to ${home}$`))
  chmodSync(home, 0o1777)
  assert.equal(whyNotOurs(join(home, 'below')), undefined, 'as in /tmp, what is ours stays there')
  assert.notEqual(whyNotOurs(home), undefined, 'the home itself is never such a place')
})
