import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routesOf } from '../../../test/support/routes-fixture.ts'
import type { PluginRoutes } from '../../desired/desired.ts'
import { fragmentsOf, withFragments } from './kept-fragments.ts'

type Texts = Pick<PluginRoutes['apps'][number], 'appFragment' | 'staticFragment'>

function blog(apps: Readonly<Record<string, Partial<Texts>>>, own: Partial<PluginRoutes> = {}): PluginRoutes {
  const listed = Object.entries(apps).map(([app, texts]) => ({ app, ...texts }))
  const [plugin] = routesOf({ plugins: [{ plugin: 'blog', apps: listed }] }, '/HOME').plugins
  assert.ok(plugin)
  return { ...plugin, ...own }
}

test('what is kept of a plugin are its fragments, each in its place; of one without any nothing is kept', () => {
  const main = { app: 'a;', static: undefined }
  assert.equal(fragmentsOf(blog({})), undefined)
  assert.equal(fragmentsOf(blog({ main: {}, other: {} })), undefined)
  assert.deepEqual(fragmentsOf(blog({ main: { appFragment: 'a;' }, other: {} })), {
    http: undefined,
    server: undefined,
    apps: { main },
  })
  assert.deepEqual(fragmentsOf(blog({ main: { staticFragment: 's;' } })), {
    http: undefined,
    server: undefined,
    apps: { main: { app: undefined, static: 's;' } },
  })
  assert.deepEqual(fragmentsOf(blog({ main: {} }, { httpFragment: 'h;' })), { http: 'h;', server: undefined, apps: {} })
  assert.deepEqual(fragmentsOf(blog({}, { serverFragment: 'v;' })), { http: undefined, server: 'v;', apps: {} })
})

test('the kept fragments take the place of the new ones, and an app that had none has none', () => {
  const newer = blog({ main: { appFragment: 'new;' }, added: { staticFragment: 'new;' } }, { httpFragment: 'new;' })
  const kept = withFragments(newer, { server: 'v;', apps: { main: { static: 's;' }, gone: { app: 'a;' } } })
  assert.deepEqual(fragmentsOf(kept), { http: undefined, server: 'v;', apps: { main: { app: undefined, static: 's;' } } })
  assert.deepEqual(
    kept.apps.map(({ app }) => app),
    ['main', 'added'],
  )
})
