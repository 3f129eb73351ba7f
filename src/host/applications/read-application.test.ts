import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeFiles } from '../../../test/support/write-files.ts'
import { Problem } from '../../problem.ts'
import { copyApplication } from './copy-application.ts'
import { readApplication } from './read-application.ts'

const ROOT = mkdtempSync(join(tmpdir(), 'mfserv-application-'))
after(() => rmSync(ROOT, { recursive: true, force: true }))

test('files are seen, and what is made again is not', () => {
  const home = application({
    'app.py': 'x\ny\n',
    'a/b/c.js': '',
    'node_modules/x/index.js': '',
    '.git/config': '',
    'env2/pyvenv.cfg': '',
    'env2/lib/x.py': '',
    'vendor/autoload.php': '',
    'vendor/x/y.php': '',
    '.env': '',
  })
  const { tree, isCut } = readApplication(home)
  assert.deepEqual([...tree.files].sort(), ['.env', 'a/b/c.js', 'app.py', 'env2/pyvenv.cfg', 'vendor/autoload.php'])
  assert.deepEqual(tree.lines('app.py'), ['x', 'y', ''])
  assert.deepEqual(tree.lines('../outside'), [])
  assert.equal(isCut, false)
})

test('a link is a file where it stays inside, and nothing where it leads out, in a circle or nowhere', () => {
  const home = application({ 'app.py': 'x' })
  for (const [name, target] of Object.entries({
    'in.py': 'app.py',
    'out.py': '/etc/passwd',
    round: 'round',
    nowhere: 'missing',
    up: '..',
  }))
    symlinkSync(target, join(home, name))
  assert.deepEqual([...readApplication(home).tree.files], ['app.py', 'in.py'])
})

test('a pipe keeps nobody waiting, and a large file is read from its beginning only', () => {
  const home = application({ 'big.py': 'x'.repeat(1 << 20) })
  execFileSync('mkfifo', [join(home, 'Procfile')])
  const { tree } = readApplication(home)
  assert.deepEqual([...tree.files], ['big.py'])
  assert.equal(tree.lines('big.py').join('').length, 256 << 10)
})

test('what Windows wrote is read as what it says: a mark in front, and requirements in UTF-16', () => {
  const home = application({ 'app.py': '\uFEFFfrom flask import Flask\n' })
  writeFileSync(join(home, 'requirements.txt'), Buffer.from('\uFEFFchannels\r\n', 'utf16le'))
  const { tree } = readApplication(home)
  assert.deepEqual([tree.lines('app.py')[0], tree.lines('requirements.txt')[0]], ['from flask import Flask', 'channels\r'])
})

test('of a tree without end, what is near the top is seen', () => {
  const home = application({ 'z.py': '', 'deep/1/2/3/4/5/6/7/x.py': '' })
  const deep = readApplication(home)
  assert.equal(deep.isCut, true)
  assert.ok(deep.tree.files.has('z.py'))
  const many = application({ 'z.py': '' })
  mkdirSync(join(many, 'a'))
  for (let index = 0; index < 20_001; index += 1) writeFileSync(join(many, 'a', `f${index}`), '')
  const cut = readApplication(many)
  assert.ok(cut.isCut && cut.tree.files.has('z.py') && cut.tree.files.size <= 20_000)
})

test('a directory whose entries come and go is looked at to its end', () => {
  assert.equal(readApplication('/proc').isCut, true)
})

test('a copy has the files and the links that stay inside, and says what it has not', () => {
  const home = application({ 'app.py': 'x', 'a/b.txt': 'y', 'node_modules/x.js': '', '.git/config': '', '.env': 'z' })
  symlinkSync('a/b.txt', join(home, 'link'))
  symlinkSync('../../etc/passwd', join(home, 'out'))
  symlinkSync('/etc/passwd', join(home, 'a/absolute'))
  execFileSync('mkfifo', [join(home, 'pipe')])
  const to = mkdtempSync(join(ROOT, 'to-'))
  const leftOut = copyApplication(home, to)
  assert.deepEqual(readdirSync(to, { recursive: true }).map(String).sort(), ['.env', 'a', 'a/b.txt', 'app.py', 'link'])
  assert.deepEqual(
    leftOut.map(({ path }) => path),
    ['a/absolute', 'out', 'pipe'],
  )
})

test('what is too large to be copied is refused, with the way that needs no copy', () => {
  const home = application({})
  execFileSync('truncate', ['-s', '5G', join(home, 'data.bin')])
  assert.throws(
    () => copyApplication(home, mkdtempSync(join(ROOT, 'to-'))),
    (error) => error instanceof Problem && error.code === 'ADOPT_REFUSED' && error.fix.includes('mfserv adopt'),
  )
})

function application(files: Readonly<Record<string, string>>): string {
  return writeFiles(mkdtempSync(join(ROOT, 'app-')), files)
}
