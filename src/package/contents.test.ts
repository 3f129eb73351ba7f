import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentsOf, ignoreProblems } from './contents.ts'

test('without .releaseignore a release holds the sources, and nothing that is built or belongs to the repository', () => {
  const { takes } = contentsOf(undefined)
  const taken = [
    'config.ini',
    'main/src/x.py',
    'main/doc/x',
    '.layerapi2_label',
    'python3_virtualenv_sources/src/a-1-py3-none-any.whl',
  ]
  const left = [
    'local/bin/python',
    'src/x',
    'doc/x',
    'docs/x',
    'main/__pycache__/x',
    'x.pyc',
    '.gitignore',
    'main/.gitignore',
    'Makefile',
    'a.plugin',
  ]
  for (const path of taken) assert.ok(takes(path, 'other'), path)
  for (const path of left) assert.ok(!takes(path, 'other'), path)
  for (const path of ['local', '.git', 'src', '__pycache__', 'node_modules/.cache']) assert.ok(!takes(path, 'directory'), path)
})

test('.releaseignore chooses in the syntax of .gitignore, with negation', () => {
  const { takes } = contentsOf('*.csv\n!keep.csv\n/data/\n')
  assert.ok(!takes('a.csv', 'other'))
  assert.ok(takes('keep.csv', 'other'))
  assert.ok(!takes('data', 'directory'))
  assert.ok(takes('main/data', 'directory'))
  assert.ok(takes('Makefile', 'other'))
})

test('what only a build or a release has never goes in, and what an installation needs always does', () => {
  const { takes } = contentsOf(
    '!local\n!*.plugin\n!.metadata.json\n*.whl\n/node_modules/.mfserv-build.json\nconfig.ini\nsrc\n*.json\n',
  )
  const never = ['local/x', '.git/config', 'a.plugin', 'a.plugin.7-1.tmp', '.metadata.json', '.files.json', '.bom.json']
  const always = [
    'config.ini',
    'package.json',
    'package-lock.json',
    'node_modules/.mfserv-build.json',
    'python3_virtualenv_sources/src/a.whl',
  ]
  for (const path of never) assert.ok(!takes(path, 'other'), path)
  for (const path of always) assert.ok(takes(path, 'other'), path)
  assert.ok(takes('python3_virtualenv_sources/src', 'directory'))
  assert.ok(!takes('python3_virtualenv_sources/src/notes.txt', 'other'))
})

test('of a compiled Node package the result goes in, and what it was compiled with does not', () => {
  const { takes } = contentsOf('')
  assert.ok(takes('node_modules/addon/build/Release/addon.node', 'other'))
  assert.ok(takes('node_modules/addon/Makefile', 'other'))
  for (const path of ['build/Makefile', 'build/binding.Makefile', 'build/config.gypi', 'build/addon.target.mk'])
    assert.ok(!takes(`node_modules/addon/${path}`, 'other'), path)
  assert.ok(!takes('node_modules/@scope/addon/build/Release/obj.target', 'directory'))
})

test('a pattern with so many stars that to compare it may never end is refused with its line, and the usual ones are not', () => {
  const usual = ['*.py', '**/a/**', '/**/*-*-*.*', '# * * * * * *', '!**/node_modules/**/*.node', 'a**b', '']
  assert.deepEqual(ignoreProblems(usual.join('\n'), '.releaseignore'), [])
  const refused = ignoreProblems(`*.py\n${'*a'.repeat(30)}b\n`, '.releaseignore')
  assert.deepEqual(
    refused.map(({ code, where }) => [code, where]),
    [['TOO_LARGE', { file: '.releaseignore', line: 2 }]],
  )
})

test('a refused pattern is said with its first sixty letters, and a plugin without .releaseignore has none', () => {
  assert.deepEqual(ignoreProblems(undefined, '.releaseignore'), [])
  const pattern = `${'*a'.repeat(5)}${'b'.repeat(50)}`
  assert.deepEqual(
    ignoreProblems(`${pattern}c`, '.releaseignore').map(({ message }) => message),
    [`the pattern "${pattern}" has more than 4 *`],
  )
})

test('the files that only a release has are left out of the sources whatever .releaseignore says', () => {
  const { takes } = contentsOf('!.mfserv_release.json\n')
  for (const path of ['.mfserv_release.json', '.signature.json', '.metadata.json', '.files.json', '.bom.json']) {
    assert.ok(!takes(path, 'other'), path)
    assert.ok(takes(`main/${path}`, 'other'), path)
  }
})

test('a pattern for directories leaves a file of that name in', () => {
  const { takes } = contentsOf('data/\n')
  assert.ok(!takes('data', 'directory'))
  assert.ok(takes('data', 'other'))
})

test('a link may be left out where a directory is on the way to something that goes in', () => {
  const { takes } = contentsOf('node_modules\n')
  assert.ok(takes('node_modules', 'directory'))
  assert.ok(!takes('node_modules', 'other'))
})
