import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, machine, plugin, settings, WSGI } from '../../../test/support/desired-fixture.ts'
import type { SandboxLevel } from '../../config/settings/sandbox-settings.ts'
import { desire } from '../desire.ts'
import type { AppId } from '../ids.ts'
import type { SandboxFacts, SandboxSettings } from './facts.ts'
import { wantedSandbox } from './sandbox.ts'

const NOTHING_SAID: SandboxSettings = {
  level: 'home',
  python2_level: 'strict',
  required: false,
  off: [],
  home: [],
  strict: [],
  read: [],
  write: [],
}
const PYTHON2 = WSGI.replace('python3', 'python2')
const HAS_ALL: SandboxFacts = { noView: undefined, keepsSignals: true }
const HAS_NONE: SandboxFacts = { noView: 'this system refuses a user namespace: Operation not permitted', keepsSignals: false }

test('a plugin may be stricter than the module, and only the administrator weaker; Python 2 is strict', () => {
  const strict = `sandbox=strict\n${WSGI}`
  const cases: readonly (readonly [string, Partial<SandboxSettings>, SandboxLevel])[] = [
    [WSGI, {}, 'home'],
    [WSGI, { level: 'off' }, 'off'],
    [`sandbox=home\n${WSGI}`, { level: 'off' }, 'home'],
    [`sandbox=home\n${WSGI}`, { level: 'strict' }, 'strict'],
    [strict, {}, 'strict'],
    [strict, { home: ['blog'] }, 'home'],
    [strict, { off: ['shop', 'blog'] }, 'off'],
    [WSGI, { strict: ['blog'] }, 'strict'],
    [PYTHON2, {}, 'strict'],
    [PYTHON2, { python2_level: 'home', level: 'off' }, 'home'],
    [PYTHON2, { home: ['blog'] }, 'home'],
  ]
  for (const [config, said, expected] of cases) {
    const { level } = wantedSandbox(plugin('blog', config), { ...NOTHING_SAID, ...said })
    assert.equal(level, expected, JSON.stringify([config, said]))
  }
})

function desired(config: string, facts: SandboxFacts | undefined, said: Partial<SandboxSettings> = {}) {
  const here = facts === undefined ? machine : { ...machine, sandbox: facts }
  const all = { ...settings, sandbox: { ...NOTHING_SAID, ...said } }
  const blog = installed('blog', config, { isDeveloped: true, python3Path: '/plugins/blog/local/bin/python3' })
  const state = desire([blog], all, here, (text) => text)
  return { spec: state.apps.get('blog/main' as AppId)?.spec, problems: state.problems.get('blog') ?? [] }
}

test('a worker sees its own plugin, mfserv and what it runs on, and writes only to places of its own', () => {
  const { spec, problems } = desired(WSGI, HAS_ALL, { read: ['/srv/maps'], write: ['/srv/out'] })
  assert.deepEqual(problems, [])
  assert.deepEqual(spec?.sandbox, {
    is: 'in force',
    level: 'home',
    plugin: 'blog',
    runtimeHome: '/rh',
    reads: ['/opt/mfserv', '/rh/opt', '/plugins/blog', '/srv/maps'],
    writes: ['/rh/var/data/blog', '/rh/tmp/blog', '/rh/var/run/blog', '/plugins/blog', '/srv/out'],
    entries: [{ name: 'blog', home: '/plugins/blog' }],
    programs: ['/plugins/blog/local/bin/python3', '/usr/bin/python3', '/opt/node/bin/node'],
    developed: { home: '/plugins/blog', sitePackages: undefined },
  })
  assert.equal(desired(WSGI, HAS_ALL, { off: ['blog'] }).spec?.sandbox, undefined)
})

test('a system without sandboxes is told with the fix, and keeps out only what may not run without', () => {
  const told = desired(WSGI, HAS_NONE)
  assert.deepEqual(
    told.problems.map(({ code }) => code),
    ['SANDBOX_MISSING'],
  )
  assert.match(told.problems[0]?.message ?? '', /^it runs without its sandbox \(home\): this system refuses a user namespace/)
  assert.match(told.problems[0]?.fix ?? '', /unprivileged_userns_clone=1/)
  assert.equal(told.spec?.sandbox?.is, 'missing')
  for (const [config, said] of [
    [`sandbox_required=1\n${WSGI}`, {}],
    [WSGI, { required: true }],
  ] as const) {
    const { spec, problems } = desired(config, HAS_NONE, said)
    assert.deepEqual([spec, problems.map(({ code }) => code)], [undefined, ['SANDBOX_REQUIRED']])
  }
  assert.deepEqual(desired(WSGI, HAS_NONE, { level: 'off' }).problems, [])
})

test('what other plugins need of the machine changes nothing of a worker', () => {
  const all = { ...settings, sandbox: NOTHING_SAID }
  const here = { ...machine, sandbox: HAS_ALL }
  const more = { ...here, python2: '/opt/python2/bin/python2.7', phpFpm: { path: '/opt/php/sbin/php-fpm', env: {} } }
  const hashOf = (config: string, on: typeof here) =>
    desire([installed('blog', config)], all, on, (text) => text).apps.get('blog/main' as AppId)?.spec.hash
  assert.equal(hashOf(WSGI, more), hashOf(WSGI, here))
  assert.notEqual(hashOf(PYTHON2, more), hashOf(PYTHON2, here))
})
