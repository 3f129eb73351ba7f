import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appTree } from '../../test/support/app-tree.ts'
import { DOCUMENTED_INI, parseIni } from '../config/ini.ts'
import type { Problem } from '../problem.ts'
import { type Adoption, adoption, nameFor } from './adoption.ts'

const SOURCES = new Map([
  ['_every/Makefile', '# make            check\n# make clean      remove; make superclean more\nMFSERV_HOME ?= x\ninclude y\n'],
  ['_every/releaseignore', '/local\n'],
])
const FLASK = 'from flask import Flask\napp = Flask(__name__)\n'

test('what is written is config.ini, the label, a Makefile and what a plugin has besides', () => {
  const { files, kept, make } = adopted({ 'app.py': FLASK, 'requirements.txt': '' })
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      'config.ini',
      '.layerapi2_label',
      'Makefile',
      '.releaseignore',
      '.autorestart_includes',
      '.autorestart_excludes',
      '.gitignore',
    ],
  )
  assert.deepEqual([kept, make], [[], 'make'])
  assert.equal(textOf(files, 'Makefile'), SOURCES.get('_every/Makefile'))
  assert.ok(files.every(({ mode }) => mode === 0o644))
  assert.equal(textOf(files, '.layerapi2_label'), 'plugin_shop@mfserv\n')
  const values = sectionOf(files, 'app_main')
  assert.deepEqual(
    ['type', 'main_arg', 'directory', 'mount', 'debug'].map((key) => values.get(key)),
    ['python3_sync', 'app:app', '.', '1', '0'],
  )
})

test('a Makefile of the application stays, and that of mfserv calls itself by its own name', () => {
  for (const name of ['Makefile', 'makefile', 'GNUmakefile']) {
    const { files, make } = adopted({ 'app.py': FLASK, [name]: 'all:\n' })
    assert.equal(make, 'make -f mfserv.mk')
    const text = textOf(files, 'mfserv.mk')
    assert.match(text, /^MFSERV_MAKEFILE := mfserv\.mk\nMFSERV_HOME/m)
    assert.match(text, /^# make -f mfserv\.mk clean .*; make -f mfserv\.mk superclean/m)
  }
})

test('what is there already is kept, whatever it says', () => {
  const { files, kept } = adopted({ 'app.py': FLASK, '.gitignore': 'x\n', '.releaseignore': 'y\n' })
  assert.deepEqual(kept, ['.releaseignore', '.gitignore'])
  assert.ok(!files.some(({ path }) => kept.includes(path)))
})

test('several steps of a build are a script, one is a key', () => {
  const composer = { 'public/index.php': '<?php', 'composer.json': '{"require":{"slim/slim":"4"}}' }
  const one = adopted(composer)
  assert.match(sectionOf(one.files, 'general').get('build') ?? '', /^composer install/)
  const pages = '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"8"}}'
  const two = adopted({ ...composer, 'package.json': pages })
  assert.equal(sectionOf(two.files, 'general').get('build'), './mfserv_build')
  const script = two.files.find(({ path }) => path === 'mfserv_build')
  assert.equal(script?.mode, 0o755)
  assert.match(script?.text ?? '', /^#!\/bin\/sh -e\n.*\ncomposer install .*\nnpm run build\n$/)
})

test('the name of the plugin stands where a build has to know it', () => {
  const pages = '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"8"}}'
  const { files, notes } = adopted({ 'package.json': pages })
  assert.equal(sectionOf(files, 'general').get('build'), 'npm run build -- --base=/shop/')
  assert.doesNotMatch(notes.join('\n'), /\{name\}/)
})

test('what a package says of itself is taken as far as it is one line of text', () => {
  const package_ = {
    name: 'x',
    version: '2.1.0',
    description: 'Line one\n[app_evil]\u001b[31m\u202e{{MFSERV_SECRET}}',
    license: 'MIT',
    homepage: 'https://x.org',
  }
  const { files } = adopted({ 'package.json': JSON.stringify({ ...package_, scripts: { start: 'node a.js' } }), 'a.js': '' })
  const values = sectionOf(files, 'general')
  assert.equal(values.get('version'), '2.1.0')
  assert.equal(values.get('summary'), 'Line one [app_evil] [31m {MFSERV_SECRET}}')
  assert.deepEqual([values.get('license'), values.get('url')], ['MIT', 'https://x.org'])
  const wrong = adopted({ 'package.json': '{"version":"1 2","scripts":{"start":"node a.js"}}', 'a.js': '' })
  assert.equal(sectionOf(wrong.files, 'general').get('version'), '0.0.1')
})

test('no name of a file and no command line begins a line of its own in config.ini', () => {
  const evil = 'a\n[general]\nversion=9.js'
  const start = JSON.stringify({ scripts: { start: `node '${evil}'` }, dependencies: { express: '5' } })
  const { files } = adopted({ 'package.json': start, [evil]: '' })
  assert.equal(sectionOf(files, 'general').get('version'), '0.0.1')
  const { files: others } = adopted({ Procfile: 'web: x\nworker: y\v[app_b]\f\n' })
  assert.deepEqual(
    parseIni(textOf(others, 'config.ini'), 'config.ini', DOCUMENTED_INI).sections.map(({ name }) => name),
    ['general', 'app_main', 'extra_daemon_worker'],
  )
})

test('the name of a directory becomes that of a plugin as far as it can', () => {
  const names = {
    shop: 'shop',
    'my shop.2': 'my-shop-2',
    '-x-': 'x',
    plugin_a: 'a',
    été: 't',
    ___: '',
    ['x'.repeat(65)]: 'x'.repeat(64),
  }
  for (const [directory, name] of Object.entries(names)) assert.equal(nameFor(directory), name)
})

test('a name that no plugin can have is refused, and the fix is where it came from', () => {
  const tree = appTree({ 'app.py': FLASK })
  const problems = (nameFrom: 'directory' | 'person'): readonly Problem[] => {
    const result = adoption(tree, { directory: '/x/_', name: '', type: undefined, nameFrom }, SOURCES)
    assert.ok(!('files' in result))
    return result
  }
  const [[byDirectory], [byPerson]] = [problems('directory'), problems('person')]
  assert.equal(byDirectory?.fix, 'Give it another one: --name NAME')
  assert.equal(byDirectory.where?.file, '/x/_')
  assert.notEqual(byPerson?.fix, byDirectory.fix)
  assert.deepEqual([byPerson?.code, byPerson?.message], [byDirectory.code, byDirectory.message])
})

test('a template that is not there is named', () => {
  const wishes = { directory: '/x', name: 'x', type: undefined, nameFrom: 'person' } as const
  assert.throws(() => adoption(appTree({ 'app.py': FLASK }), wishes, new Map()), /templates\/_every\/Makefile is missing/)
})

test('what no file says of the application has the values of a new plugin', () => {
  const { files } = adopted({ Procfile: 'web: x\nworker: y\n' })
  const keys = ['version', 'license', 'url', 'maintainer', 'vendor']
  const general = sectionOf(files, 'general')
  assert.deepEqual(
    keys.map((key) => general.get(key)),
    ['0.0.1', 'Proprietary', 'http://yourpluginhomepage', 'Firstname FAMILYNAME <email>', 'MetWork'],
  )
  assert.equal(general.has('build'), false)
  assert.equal(sectionOf(files, 'app_main').get('timeout'), '0')
  assert.equal(sectionOf(files, 'extra_daemon_worker').get('graceful_timeout'), '30')
})

function adopted(files: Readonly<Record<string, string>>): Adoption {
  const wishes = { directory: '/x/shop', name: 'shop', type: undefined, nameFrom: 'directory' } as const
  const result = adoption(appTree(files), wishes, SOURCES)
  assert.ok('files' in result, JSON.stringify(result))
  return result
}

function textOf(files: Adoption['files'], path: string): string {
  const file = files.find((one) => one.path === path)
  assert.ok(file !== undefined, path)
  return file.text
}

function sectionOf(files: Adoption['files'], name: string): ReadonlyMap<string, string> {
  const { sections } = parseIni(textOf(files, 'config.ini'), 'config.ini', DOCUMENTED_INI)
  const section = sections.find((one) => one.name === name)
  assert.ok(section !== undefined, name)
  return new Map(section.entries.map(({ key, text }) => [key, text]))
}
