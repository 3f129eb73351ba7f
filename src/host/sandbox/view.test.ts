import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Sandbox } from '../../desired/sandbox/facts.ts'
import { linkOut } from './links-out.ts'
import { localPackages } from './local-packages.ts'
import { viewOf } from './view.ts'

function directory(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const at = realpathSync(mkdtempSync(join(tmpdir(), 'view')))
  t.after(() => rmSync(at, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(at, path, '..'), { recursive: true })
    writeFileSync(join(at, path), text)
  }
  return at
}

function sandbox(home: string, more: Partial<Extract<Sandbox, { is: 'in force' }>>): Extract<Sandbox, { is: 'in force' }> {
  const own = { reads: [], entries: [], writes: [join(home, 'var/run/blog')], programs: [] }
  return { is: 'in force', level: 'home', plugin: 'blog', runtimeHome: home, ...own, ...more }
}

test('a view hides the runtime home, and shows in it what is said, by the links that lead there', (t) => {
  const home = directory(t, { 'var/plugins/.releases/blog/1/config.ini': '', 'log/x': '' })
  const release = join(home, 'var/plugins/.releases/blog/1')
  symlinkSync('x', join(home, 'log/y'))
  const entries = [{ name: 'blog', home: release }]
  const steps = viewOf(sandbox(home, { reads: [release, join(home, 'log/y'), '/usr/bin'], entries })).map((step) =>
    step.join(' '),
  )
  for (const step of [
    `cover ${home}`,
    `link ${home}/var/plugins/blog ${release}`,
    `link ${home}/log/y x`,
    `keep ${home}/log/x`,
    `keep ${release}`,
    `lend ${home}/var/run/blog ${home}/var/run/blog`,
    `lend ${home}/log/plugins/blog ${home}/log`,
  ]) {
    assert.ok(steps.includes(step), `${step}\n${steps.join('\n')}`)
  }
  // What can be read anyway needs no mount, and where sockets are no links are made.
  assert.deepEqual(
    steps.filter((step) => step.includes('/usr/bin') || step.startsWith(`linking ${home}`)),
    [],
  )
})

test('a directory that holds the runtime home cannot be shown', (t) => {
  const home = directory(t, { 'rh/log/x': '' })
  assert.throws(() => viewOf(sandbox(join(home, 'rh'), { reads: [home] })), /holds .*\/rh, which the sandbox hides/)
})

test('the interpreter that a virtualenv was made of is shown with it', (t) => {
  const made = directory(t, { 'bin/python3.11': '' })
  const home = directory(t, { 'plugin/venv/pyvenv.cfg': `home = ${made}/bin\n`, 'plugin/venv/bin/python3': '', 'log/x': '' })
  const steps = viewOf(sandbox(home, { programs: [join(home, 'plugin/venv/bin/python3')] })).map((step) => step.join(' '))
  assert.ok(steps.includes(`keep ${made}`), steps.join('\n'))
})

test('a plugin in development sees its packages in development, and nothing that is none', (t) => {
  const near = directory(t, {
    'lib/pyproject.toml': '',
    'web/package.json': '{}',
    'other/package.json': '{}',
    'other/.layerapi2_label': '',
  })
  const record = JSON.stringify({ url: `file://${near}/lib`, dir_info: { editable: true } })
  const home = directory(t, { 'site/lib-1.dist-info/direct_url.json': record, 'node_modules/x/package.json': '{}' })
  for (const [name, target] of [
    ['web', join(near, 'web')],
    ['other', join(near, 'other')],
    ['keys', near],
    ['gone', join(near, 'gone')],
  ] as const) {
    symlinkSync(target, join(home, 'node_modules', name))
  }
  const found = localPackages(join(home, 'site'), home, '/nowhere')
  assert.deepEqual([...found].sort(), [`${near}/lib`, `${near}/web`])
  assert.deepEqual(localPackages(undefined, join(home, 'nothing'), '/nowhere'), [])
})

test('a link to what is hidden is found, wherever it is; one to own data or to the system is none', (t) => {
  const rh = directory(t, { 'config/config.ini': '', 'var/data/blog/x': '', 'plugin/main/a': '' })
  const plugin = join(rh, 'plugin')
  const own = [join(rh, 'var/data/blog')]
  symlinkSync('/usr/bin/env', join(plugin, 'env'))
  symlinkSync(join(rh, 'var/data/blog/x'), join(plugin, 'main/data'))
  symlinkSync('a', join(plugin, 'main/b'))
  assert.equal(linkOut(plugin, rh, own), undefined)
  symlinkSync('../../config', join(plugin, 'main/led'))
  assert.equal(linkOut(plugin, rh, own), join(plugin, 'main/led'))
})
