import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../../test/support/routes-fixture.ts'
import type { AppRoutes } from '../../desired/desired.ts'
import { servedUrls } from './served-urls.ts'

const BASE = 'http://localhost:80'

function lines(app: Partial<AppRoutes>, hasIndex = true): readonly string[] {
  const [plugin] = routesOf({ plugins: [{ plugin: 'blog', apps: [{ app: 'web', ...app }] }] }, '/HOME').plugins
  return servedUrls(BASE, 'blog', plugin?.apps[0], hasIndex).map(
    ({ url, prefix, canMount, canHaveFront }) =>
      `${url} ${prefix}${canMount ? ' can be mounted' : ''}${canHaveFront === true ? ' can have a front controller' : ''}`,
  )
}

test('each URL that is served is told once, the one for people first, with what the app gets in front of its own paths', () => {
  const prefixes = ['/blog/web', '/blog', '/maps', '/']
  const extra = [`${BASE}/maps /maps`, `${BASE}/ `]
  assert.deepEqual(lines({ prefixes }), [`${BASE}/blog /blog can be mounted`, ...extra])
  assert.deepEqual(lines({ prefixes, mounted: ['/blog/web', '/blog'] }), [`${BASE}/blog/ `, ...extra])
  assert.deepEqual(lines({ prefixes, kind: 'files' }), [`${BASE}/blog/ `, `${BASE}/maps/ `, `${BASE}/ `])
  assert.deepEqual(lines({ prefixes, kind: 'fastcgi' }), [`${BASE}/blog /blog`, ...extra])
  assert.deepEqual(lines({ prefixes: ['/blog/web'] }), [`${BASE}/blog/web /blog/web can be mounted`])
})

test('a front controller is thought of where a PHP app has none, and has the script for it', () => {
  const php = { prefixes: ['/blog', '/maps'], kind: 'fastcgi', index: 'index.php' } as const
  const could = (prefix: string) => `${BASE}${prefix} ${prefix} can have a front controller`
  assert.deepEqual(lines(php), [could('/blog'), could('/maps')])
  const plain = [`${BASE}/blog /blog`, `${BASE}/maps /maps`]
  assert.deepEqual(lines({ ...php, front: 'index.php' }), plain)
  assert.deepEqual(lines(php, false), plain)
})

test('virtual hosts are URLs too, with their port; of two names for one the shorter, and of a pattern none', () => {
  const hosts = ['web.blog.box', 'web.blog.localhost', 'blog.box', 'blog.localhost', 'www.example.org', '*.example.net']
  const urls = ['blog.box', 'blog.localhost', 'www.example.org'].map((host) => `http://${host}:80/ `)
  assert.deepEqual(lines({ prefixes: [], hosts }), urls)
  assert.deepEqual(lines({ prefixes: [], hosts: ['web.blog.box'] }), ['http://web.blog.box:80/ '])
  assert.deepEqual(lines({ prefixes: [], hosts: [] }), [])
  assert.deepEqual(servedUrls(BASE, 'blog', undefined, true), [])
})
