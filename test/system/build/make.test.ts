import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { FROZEN, make, plugin, program, put, ROOT } from './building.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../..')

test('make runs precustom, the build and custom in this order, from a path with blanks as well', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const rules = 'custom::\n\t@echo custom\n\nprecustom::\n\t@echo precustom\n'
  writeFileSync(join(home, 'Makefile'), readFileSync(join(home, 'Makefile'), 'utf8') + rules)
  const plainly = make(home, ['-j4'], { MFSERV_HOME: mfserv })
  assert.deepEqual(plainly, {
    status: 0,
    stdout: `precustom\n_plugins.make --plugin-path ${home} --unfinished\ncustom\n`,
    stderr: '',
  })
  const { stdout } = make(home, ['develop'], { MFSERV_HOME: mfserv })
  const develop = `_plugins.develop --ignore-already-installed --checked --plugin-path ${home} -- shop`
  assert.equal(stdout, `precustom\n_plugins.make --plugin-path ${home} --unfinished\ncustom\n${develop}\n`)
})

test('make takes a label with Windows line ends, and a path with an apostrophe', () => {
  const { home: plain, mfserv } = pluginWithFakeMfserv()
  const home = join(plain, '..', "it's")
  renameSync(plain, home)
  writeFileSync(join(home, '.layerapi2_label'), 'plugin_shop@mfserv\r\n')
  const { status, stdout } = make(home, ['develop'], { MFSERV_HOME: mfserv })
  assert.equal(status, 0)
  assert.ok(stdout.endsWith(`--plugin-path ${home} -- shop\n`), stdout)
})

test('make finds mfserv without its environment where it was used before, and says how to load it otherwise', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const runtime = mkdtempSync(join(ROOT, 'runtime '))
  const lost = make(home, [], { MFMODULE_RUNTIME_HOME: runtime })
  assert.equal(lost.status, 2)
  assert.match(lost.stderr, /mfserv was not found\. Load its environment \("source <mfserv>\/share\/profile"\)/)
  mkdirSync(join(runtime, 'var'))
  writeFileSync(join(runtime, 'var/mfserv_home'), `${mfserv}\n`)
  assert.equal(make(home, [], { MFMODULE_RUNTIME_HOME: runtime }).status, 0)
})

test('make clean removes what was built, make superclean the frozen versions too, and both nothing else', () => {
  const { home, mfserv } = pluginWithFakeMfserv()
  const kept = new Set(filesOf(home))
  const frozen = [FROZEN, 'package-lock.json']
  const built = [
    'local/versions/1/x',
    'node_modules/a/b.js',
    'shop-0.0.1-1.metwork.mfserv.plugin',
    'main/__pycache__/w.pyc',
    'tmp_build/x',
  ]
  for (const file of [...frozen, ...built]) put(home, file, '')
  assert.equal(make(home, ['clean'], { MFSERV_HOME: mfserv }).status, 0)
  assert.deepEqual(new Set(filesOf(home)), new Set([...kept, ...frozen]))
  assert.equal(make(home, ['superclean'], { MFSERV_HOME: mfserv }).status, 0)
  assert.deepEqual(new Set(filesOf(home)), kept)
})

/** The real share/plugin.mk, with commands that only say how they were called. */
function pluginWithFakeMfserv(): { home: string; mfserv: string } {
  const mfserv = join(mkdtempSync(join(ROOT, 'an mfserv ')), 'here')
  mkdirSync(join(mfserv, 'share'), { recursive: true })
  mkdirSync(join(mfserv, 'bin'))
  copyFileSync(join(REPOSITORY, 'share/plugin.mk'), join(mfserv, 'share/plugin.mk'))
  for (const name of ['_plugins.make', '_plugins.develop']) {
    cpSync(program('echo "$(basename "$0") $*"'), join(mfserv, 'bin', name))
  }
  const from = plugin('default')
  const home = join(mkdtempSync(join(ROOT, 'a plugin ')), 'shop')
  renameSync(from, home)
  return { home, mfserv }
}

function filesOf(home: string): readonly string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => !statSync(join(home, file)).isDirectory())
}
