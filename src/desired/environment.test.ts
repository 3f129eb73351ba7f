import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, machine, plugin, settings, WSGI } from '../../test/support/desired-fixture.ts'
import type { App } from '../plugin/plugin.ts'
import { appEnvironment, LAYER_DIRECTORIES, moduleEnvironment, pluginEnvironment } from './environment.ts'

const [app] = plugin('blog', WSGI).apps
assert.ok(app)
const main: App = app

test('plugin code logs from INFO where [log] sets no level, and finds the framework of a Python 2 that is there', () => {
  const { MFLOG_MINIMAL_LEVEL: level, ...environment } = moduleEnvironment(machine, {})
  assert.equal(level, 'INFO')
  assert.equal('MFSERV_PYTHON2_LIBRARY' in environment, false)
  assert.equal(moduleEnvironment({ ...machine, python2Library: '/py2' }, {})['MFSERV_PYTHON2_LIBRARY'], '/py2')
})

test('a plugin finds its own packages without being told, and before those that it borrows', () => {
  const packagesOf = (lenders: Parameters<typeof pluginEnvironment>[2]) =>
    pluginEnvironment(settings.environment, installed('shop', WSGI, { sitePackages: '/shop/site' }), lenders)['PYTHONPATH']
  assert.equal(packagesOf([]), '/plugins/shop:/opt/mfserv/python/plugin-path')
  assert.equal(packagesOf([installed('tax', WSGI)]), '/plugins/shop:/shop/site:/plugins/tax:/opt/mfserv/python/plugin-path')
})

test('Python looks into the directory of a plugin, or of an app, only where the configuration says so, and never where it was started', () => {
  const apart = { ...plugin('shop', WSGI), addPluginDirToPythonPath: false }
  assert.equal(
    pluginEnvironment(settings.environment, installed('shop', WSGI, { plugin: apart }))['PYTHONPATH'],
    '/opt/mfserv/python/plugin-path',
  )
  const pathOf = (ofPlugin: Readonly<Record<string, string>>, addAppDirToPythonPath: boolean) =>
    appEnvironment(ofPlugin, { ...main, addAppDirToPythonPath }, '/plugins/blog')['PYTHONPATH']
  assert.equal(pathOf({ PYTHONPATH: '/lib' }, true), '/plugins/blog/main:/lib')
  assert.equal(pathOf({ PYTHONPATH: '/lib' }, false), '/lib')
  assert.deepEqual([pathOf({ PYTHONPATH: '' }, true), pathOf({}, true)], ['/plugins/blog/main', '/plugins/blog/main'])
  assert.equal(pathOf({}, false), '')
  const moved = { ...main, addAppDirToPythonPath: true, directory: 'src/web' }
  assert.equal(appEnvironment({}, moved, '/plugins/blog')['PYTHONPATH'], '/plugins/blog/src/web')
  assert.equal(appEnvironment({}, { ...moved, directory: '.' }, '/plugins/blog')['PYTHONPATH'], '/plugins/blog')
})

test('every directory that changes an environment by its existence is known, and no other', () => {
  const names = [
    ...[
      'local/bin',
      'local/python2/bin',
      'local/node/bin',
      'bin',
      'local/lib/node_modules/.bin',
      'lib/node_modules/.bin',
      'node_modules/.bin',
    ],
    ...['local/lib', 'lib', 'local/lib/node_modules', 'lib/node_modules', 'node_modules'],
    ...['local/lib/pkgconfig', 'lib/pkgconfig'],
  ]
  assert.deepEqual(LAYER_DIRECTORIES.toSorted(), names.toSorted())
  const environmentWith = (directories: readonly string[]) =>
    pluginEnvironment(settings.environment, installed('shop', WSGI, { directories: new Set(directories) }))
  for (const name of names) {
    const values = Object.values(environmentWith([name]))
      .join(':')
      .split(':')
    assert.ok(values.includes(`/plugins/shop/${name}`), name)
  }
  assert.deepEqual(environmentWith(['local', 'src']), environmentWith([]))
})

test('a name in braces is replaced in a value of any length', () => {
  const one = plugin('blog', WSGI, 'X=1\nSHORT={X}\nEMPTY={}\nLONG={MFMODULE}-{MFMODULE}\n')
  const environment = pluginEnvironment(
    { ...settings.environment, common: { X: '7', MFMODULE: 'MFSERV' } },
    installed('blog', WSGI, { plugin: one }),
  )
  assert.deepEqual([environment['SHORT'], environment['EMPTY'], environment['LONG']], ['7', '{}', 'MFSERV-MFSERV'])
})
