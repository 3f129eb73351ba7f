import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppCase, type RoutesCase, routesOf } from '../../test/support/routes-fixture.ts'
import { againVariables } from './again.ts'
import { againName, firstTry, isCounted } from './counted.ts'
import { FACES } from './faces/faces.ts'
import { gateway } from './gateway.ts'
import { location } from './locations.ts'
import { scriptVariables } from './php/script.ts'
import { lines, textOf } from './quote.ts'
import { upstream } from './upstream.ts'

type PluginCase = NonNullable<RoutesCase['plugins']>[number]

/** The one app of the plugin `blog`, and the routes that it stands in. */
function routed(app: Partial<AppCase>, plugin: Partial<PluginCase> = {}, others: readonly PluginCase[] = []) {
  const routes = routesOf({ plugins: [{ ...plugin, plugin: 'blog', apps: [{ app: 'main', ...app }] }, ...others] }, '/HOME')
  const [found] = routes.plugins[0]?.apps ?? []
  assert.ok(found)
  return { routes, app: found }
}

/** What its location says about the way to the app. */
function passed(given: Partial<AppCase>, match: 'exact' | 'below' = 'below'): readonly string[] {
  const { routes, app } = routed(given)
  const claim = { plugin: 'blog', app, match, path: '/blog/', serves: 'app' } as const
  return textOf(lines(gateway(claim, routes.server))).split('\n')
}

test('nginx repeats no request of an app in the usual way; one with a way of its own, of files or without workers is left alone', () => {
  const counted = (app: Partial<AppCase>): boolean => isCounted(routed(app).app)
  assert.equal(counted({}), true)
  assert.equal(counted({ kind: 'fastcgi' }), true)
  assert.equal(counted({ appFragment: 'proxy_read_timeout 5s;\n' }), true)
  assert.equal(counted({ kind: 'files', sockets: ['/HOME/x.sock'] }), false)
  assert.equal(counted({ sockets: [] }), false)
  assert.equal(counted({ appFragment: "content_by_lua_block { ngx.say('') }" }), false)
  for (const way of ['pass', 'next_upstream', 'next_upstream_tries', 'next_upstream_timeout', 'request_buffering']) {
    for (const name of ['proxy', 'fastcgi']) assert.equal(counted({ appFragment: `${name}_${way} x;` }), false, way)
  }
})

test('apps that need the same second try share one, and each with a fragment has its own', () => {
  const names: readonly (readonly [app: Partial<AppCase>, name: string])[] = [
    [{}, '@mfserv_again_62s'],
    [{ timeoutSeconds: 7 }, '@mfserv_again_7s'],
    [{ kind: 'fastcgi' }, '@mfserv_again_fastcgi_62s'],
    [{ kind: 'fastcgi', index: 'index.php' }, '@mfserv_again_fastcgi_index_62s'],
    [{ appFragment: 'a b;' }, '@mfserv_again_blog.main'],
  ]
  for (const [app, name] of names) assert.equal(textOf(againName('blog', routed(app).app)), name)
})

test('the error pages around a location go on in it: those of its fragment, else of the servers, else of all', () => {
  const page = (code: number): string => `charset utf-8;\nerror_page ${code} /${code}.html;`
  const tried = (app: Partial<AppCase>, plugin: Partial<PluginCase>, where: 'main' | 'virtual' = 'main') => {
    const one = routed(app, plugin, [{ plugin: 'zoo', httpFragment: page(404), apps: [] }])
    return textOf(lines(firstTry('blog', one.app, where, one.routes))).split('\n')
  }
  const [off, page404, page502] = ['proxy_next_upstream off;', 'error_page 404 /404.html;', 'error_page 502 /502.html;']
  const recursive = 'recursive_error_pages on;'
  const first = [off, 'error_page 502 = @mfserv_again_62s;', recursive]
  const ownFirst = [off, 'error_page 502 = @mfserv_again_blog.main;', recursive]
  assert.deepEqual(tried({}, {}), [...first, page404])
  assert.deepEqual(tried({}, { serverFragment: page(502) }), [...first, page502])
  assert.deepEqual(tried({}, { serverFragment: page(502) }, 'virtual'), [...first, page404])
  assert.deepEqual(tried({}, { httpFragment: page(502) }), [...first, page502, page404])
  assert.deepEqual(tried({ appFragment: page(404) }, { serverFragment: page(502) }), ownFirst)
  assert.deepEqual(tried({ appFragment: page(502) }, {}), ownFirst)
  assert.deepEqual(tried({ sockets: [] }, {}), [''])
  assert.deepEqual(tried({ appFragment: 'deny all;' }, {}), [...ownFirst, page404])
  assert.deepEqual(tried({ kind: 'fastcgi' }, {}).slice(0, 4), [
    'set $mfserv_file $request_filename;',
    'set $mfserv_root $document_root;',
    'fastcgi_next_upstream off;',
    'error_page 502 = @mfserv_again_fastcgi_62s;',
  ])
})

test('the second try finds the workers of an app with capital letters in its name', () => {
  const { routes } = routed({}, {}, [
    { plugin: 'Blog', apps: [{ app: 'main' }, { app: 'site', kind: 'files' }] },
    { plugin: 'shop', apps: [{ app: 'API' }] },
  ])
  const upstreams = textOf(lines(againVariables(routes)))
    .split('\n')
    .filter((line) => line.includes('"~^') && line.includes('\\.'))
  assert.deepEqual(upstreams, ['  "~^Blog\\.main$" "+blog.main";', '  "~^shop\\.API$" "shop.+a+p+i";'])
})

test('an app that repeats requests in its own way has the time of the app itself for that, and never less than a second', () => {
  const seconds = (kind: 'proxy' | 'fastcgi', timeoutSeconds: number) =>
    passed({ kind, timeoutSeconds, appFragment: `${kind}_next_upstream off;` }).filter((line) => line.includes('next_upstream'))
  for (const kind of ['proxy', 'fastcgi'] as const) {
    assert.deepEqual(
      [62, 4, 3, 2, 1].map((timeout) => seconds(kind, timeout).join()),
      ['60s', '2s', '1s', '1s', '1s'].map((time) => `${kind}_next_upstream_timeout ${time};`),
    )
    assert.deepEqual(
      passed({ kind }).filter((line) => line.includes('next_upstream')),
      [],
    )
    assert.deepEqual(
      passed({ kind, appFragment: `${kind}_next_upstream_timeout 9s;` }).filter((line) => line.includes('next_upstream')),
      [],
    )
  }
})

test('a FastCGI app that keeps connections gets them kept, and what its fragment says of a parameter counts', () => {
  const last = ['fastcgi_param GATEWAY_INTERFACE CGI/1.1;', 'fastcgi_param REDIRECT_STATUS 200;']
  const keep = 'fastcgi_keep_conn on;'
  const has = (app: Partial<AppCase>) => {
    const found = passed({ kind: 'fastcgi', ...app })
    return [keep, ...last].filter((line) => found.includes(line))
  }
  assert.deepEqual(has({ keepAlive: true }), [keep, ...last])
  assert.deepEqual(has({ keepAlive: false }), last)
  assert.deepEqual(has({ keepAlive: true, appFragment: 'fastcgi_keep_conn off;' }), last)
  assert.deepEqual(has({ keepAlive: false, appFragment: 'fastcgi_param gateway_interface x;' }), last.slice(1))
  assert.deepEqual(has({ keepAlive: false, appFragment: 'fastcgi_param REDIRECT_STATUS x;' }), last.slice(0, 1))
})

test('requests wait in the hold: behind the workers, and first of all where there are none', () => {
  const servers = (...sockets: readonly string[]) =>
    textOf(upstream('blog', routed({ sockets, holdSocket: '/hold' }).app))
      .split('\n')
      .filter((line) => /zone|server|least/.test(line))
  const zone = (kilobytes: number): string => `  zone "blog.main" "${kilobytes}k";`
  assert.deepEqual(servers(), [zone(66), '  server "unix:/hold" max_fails=0;'])
  assert.deepEqual(servers('/1'), [zone(68), '  server "unix:/1" max_fails=0;', '  server "unix:/hold" backup max_fails=0;'])
  assert.deepEqual(servers('/1', '/2'), [
    zone(70),
    '  least_conn;',
    '  server "unix:/1" max_fails=0;',
    '  server "unix:/2" max_fails=0;',
    '  server "unix:/hold" backup max_fails=0;',
  ])
})

test('one app with an index is enough for URLs to be led to it', () => {
  const scripts = (...apps: readonly AppCase[]) => {
    const { plugins } = routesOf({ plugins: [{ plugin: 'blog', apps }] }, '/HOME')
    return scriptVariables(plugins).map((text) => textOf(text).split('\n')[0])
  }
  const names = ['map $request_filename $mfserv_request_filename {', 'map $fastcgi_script_name $mfserv_fastcgi_script_name {']
  assert.deepEqual(scripts({ app: 'a' }), [])
  assert.deepEqual(scripts({ app: 'a' }, { app: 'b', index: 'index.php' }), names)
  assert.deepEqual(scripts({ app: 'b', index: 'index.php' }), names)
})

test('the fragments of an app of files stand in its location, and what they set is not set twice', () => {
  const given = { kind: 'files', appFragment: 'charset latin1;', staticFragment: 'expires 1h;' } as const
  const { routes, app } = routed(given)
  const text = textOf(location({ plugin: 'blog', app, match: 'below', path: '/blog/', serves: 'app' }, 'main', routes)).split(
    '\n',
  )
  const ownFace = textOf(lines(FACES)).split('\n')
  assert.deepEqual(text.slice(-4 - ownFace.length), [
    '  add_header X-Request-Id $mfserv_request_id always;',
    'charset latin1;',
    'expires 1h;',
    ...ownFace.map((line) => `  ${line}`),
    '}',
  ])
  assert.ok(text.includes('  error_page 404 $mfserv_missing;'))
  assert.equal(text.filter((line) => /charset|Cache-Control/.test(line)).length, 1)
})

test('what a missing page shows is left to the fragment that says so: of the app, of the server or of nginx as a whole', () => {
  const pages = (app: Partial<AppCase>, plugin: Partial<PluginCase> = {}, where: 'main' | 'virtual' = 'main') => {
    const { routes, app: found } = routed({ kind: 'files', lists: true, ...app }, plugin)
    const text = textOf(location({ plugin: 'blog', app: found, match: 'below', path: '/blog/', serves: 'app' }, where, routes))
    return text.match(/(error_page 404|autoindex) .*/g)
  }
  const own = ['error_page 404 $mfserv_missing;', 'autoindex on;']
  assert.deepEqual(pages({}), own)
  const said = 'error_page 404 /none.html;'
  assert.deepEqual(pages({ appFragment: `${said}\nautoindex off;\n` }), [said, 'autoindex off;'])
  assert.deepEqual(pages({ staticFragment: said }), ['autoindex on;', said])
  assert.deepEqual(pages({}, { serverFragment: said }), ['autoindex on;'])
  assert.deepEqual(pages({}, { serverFragment: said }, 'virtual'), own)
  assert.deepEqual(pages({}, { httpFragment: said }, 'virtual'), ['autoindex on;'])
})
