import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../../test/support/routes-fixture.ts'
import type { PluginRoutes } from '../../desired/desired.ts'
import { fragmentPlace } from './fragment-place.ts'

const FRAGMENT = 'deny all;\n\nlocation /x {\n  deny all;\n}\n'
const NGINX = 'server {\n  deny all;\n  a {\ndeny all;\n\nlocation /x {\n  deny all;\n}\n  }\n}\n'

function blog(places: Partial<PluginRoutes>, app: Partial<PluginRoutes['apps'][number]> = {}): PluginRoutes {
  const [plugin] = routesOf({ plugins: [{ plugin: 'blog', apps: [{ app: 'main', ...app }] }] }, '/HOME').plugins
  assert.ok(plugin)
  return { ...plugin, ...places }
}

test('a line of nginx.conf leads to the line of the fragment that it came from, though others are the same', () => {
  const plugin = blog({ httpFile: '/http.conf', httpFragment: FRAGMENT })
  const places = NGINX.split('\n').map((_line, index) => fragmentPlace(NGINX, index + 1, plugin))
  const line = (at: number) => ({ file: '/http.conf', line: at })
  const ofUs = undefined
  assert.deepEqual(places, [ofUs, ofUs, ofUs, line(1), line(2), line(3), line(4), line(5), ofUs, ofUs, ofUs])
})

test('a fragment is found whichever of the plugin it is', () => {
  const file = '/blog/nginx.conf'
  const plugins = [
    blog({ httpFile: file, httpFragment: FRAGMENT }),
    blog({ serverFile: file, serverFragment: FRAGMENT }),
    blog({}, { appFile: file, appFragment: FRAGMENT }),
    blog({}, { staticFile: file, staticFragment: FRAGMENT }),
    blog({ httpFile: '/other.conf', httpFragment: 'allow all;' }, { staticFile: file, staticFragment: FRAGMENT }),
  ]
  for (const plugin of plugins) assert.deepEqual(fragmentPlace(NGINX, 6, plugin), { file, line: 3 })
})

test('a fragment without its file, a file without a fragment and a line of another fragment lead nowhere', () => {
  for (const plugin of [
    blog({}),
    blog({ httpFragment: FRAGMENT }),
    blog({ httpFile: '/http.conf' }),
    blog({ httpFile: '/http.conf', httpFragment: 'deny all;\nallow all;\n' }),
    blog({ httpFile: '/http.conf', httpFragment: 'deny none;\n\nlocation /x {\n' }),
  ]) {
    assert.equal(fragmentPlace(NGINX, 6, plugin), undefined)
  }
})

test('a nested location that nginx would refuse is left out and does not keep the rest from being found', () => {
  const without = NGINX.replace('location /x {\n  deny all;\n}\n', '\n\n\n')
  const plugin = blog({ httpFile: '/http.conf', httpFragment: `${FRAGMENT}allow all;` })
  const text = without.replace('\n\n\n\n\n', '\n\n\n\n\nallow all;\n')
  const [at] = text.split('\n').flatMap((line, index) => (line === 'allow all;' ? [index + 1] : []))
  assert.deepEqual(fragmentPlace(text, at ?? 0, plugin), { file: '/http.conf', line: 6 })
})
