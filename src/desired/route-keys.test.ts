import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, plugin, WSGI } from '../../test/support/desired-fixture.ts'
import type { AppRoutes } from './desired.ts'
import type { InstalledPlugin } from './installed.ts'
import { routesOf } from './routes.ts'

const PLACES = { run: '/run', hostnames: ['box'], timeoutSeconds: 60, reserved: [] }

function appOf(sections: string): AppRoutes {
  const [first] = routesOf([installed('shop', sections)], PLACES).routes[0]?.apps ?? []
  assert.ok(first)
  return first
}

test('a front controller, a page for every URL and a list of files are as the app says', () => {
  const php = appOf('[app_a]\ntype=php\nworkers=1\nfront_controller=index.php\n')
  assert.equal(php.front, 'index.php')
  const site = appOf('[app_a]\ntype=static\nfallback=index.html\n')
  assert.equal(site.fallback, 'index.html')
  assert.ok(!('lists' in site))
  assert.equal(appOf('[app_a]\ntype=static\ndirectory_listing=1\n').lists, true)
})

test('connections are kept to a server that keeps them, and to every program on a port', () => {
  const kept = (type: string, entry: string) => appOf(`[app_a]\ntype=${type}\nmain_arg=${entry}\nworkers=1\n`).keepAlive
  assert.equal(kept('command', './x {port}'), true)
  assert.equal(kept('command', './x {unix_socket_path}'), false)
  assert.equal(kept('node', 'server.js'), true)
})

test('what visitors get of a directory with scripts is no page, which may be a template of them', () => {
  const extensions = (sections: string) => appOf(sections).visitors?.extensions ?? []
  const php = extensions('[app_a]\ntype=php\nworkers=1\nfront_controller=index.php\n')
  assert.deepEqual([php.includes('html'), php.includes('css'), php.includes('mp3')], [false, true, true])
  assert.ok(extensions('[app_a]\ntype=static\ndirectory=.\n').includes('html'))
  assert.equal(appOf(`${WSGI}directory=.\n`).visitors, undefined)
  const two = '[app_a]\ntype=static\ndirectory=.\n[app_b]\ntype=static\ndirectory=.\n[app_c]\ntype=static\n'
  assert.deepEqual(appOf(two).visitors?.hides, ['c'])
})

test('Lua of a plugin looks for files in its home, in each app and beside the plugin, as far as it is told to', () => {
  const lua = { file: '/plugins/shop/init.lua', text: 'x = 1' }
  const luaOf = (more: Partial<InstalledPlugin>, key: { readonly addPluginDirToLuaPath?: false } = {}) => {
    const shop = {
      ...plugin('shop', `${WSGI}[app_b]\ntype=static\ndirectory=src/b\n`),
      fragments: { http: undefined, server: undefined, initWorker: lua },
      ...key,
    }
    return routesOf([installed('shop', '', { plugin: shop, ...more })], PLACES).routes[0]?.lua
  }
  const own = ['/plugins/shop', '/plugins/shop/main', '/plugins/shop/src/b']
  assert.deepEqual(luaOf({}), { file: lua.file, init: lua, directories: own, version: '/plugins/shop one' })
  assert.deepEqual(luaOf({ servedFrom: '/rh/served/shop' })?.directories, [...own, '/rh/served'])
  assert.deepEqual(luaOf({ servedFrom: '/rh/served/shop' }, { addPluginDirToLuaPath: false })?.directories, ['/rh/served'])
  assert.equal(routesOf([installed('shop', WSGI)], PLACES).routes[0]?.lua, undefined)
})
