import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MACHINE, type RoutesCase, routesOf, type ServerCase } from '../../test/support/routes-fixture.ts'
import type { PluginRoutes, Routes } from '../desired/desired.ts'
import { render, withoutPlugins } from './render.ts'

function rendered(given: RoutesCase, machine = MACHINE, more: Partial<Routes['paths']> = {}): readonly string[] {
  const routes = routesOf(given, '/HOME')
  const result = render({ ...routes, paths: { ...routes.paths, ...more } }, machine)
  assert.ok('text' in result)
  return result.text.split('\n').map((line) => line.trim())
}

const withServer = (server: ServerCase): readonly string[] => rendered({ server })

const LOGS = /^access_log "\/HOME\/nginx_access\.log"/
const EXTRA = 'set $extra_log_format \',"a": 1\';'

test('nginx takes half as many connections as it may have files, within bounds', () => {
  const connections = (openFiles: number) =>
    rendered({}, { ...MACHINE, openFiles }).filter((line) => /^worker_(?:connections|rlimit)/.test(line))
  for (const [files, half] of [
    [20_000, 8192],
    [16_384, 8192],
    [16_383, 8191],
    [1024, 512],
    [131, 65],
    [130, 65],
    [129, 64],
    [1, 64],
  ] as const) {
    assert.deepEqual(connections(files), [`worker_rlimit_nofile ${files};`, `worker_connections ${half};`])
  }
})

test('an nginx that can leaves idle clients their connections for a while after a reload; another is not asked for it', () => {
  const asked = (...version: readonly number[]) =>
    rendered({}, { ...MACHINE, version }).filter((line) => line.startsWith('keepalive_min_timeout'))
  for (const version of [[1, 27, 4], [1, 28, 0], [2]]) assert.deepEqual(asked(...version), ['keepalive_min_timeout 5s;'])
  for (const version of [[1, 27, 3], [1, 22, 1], []]) assert.deepEqual(asked(...version), [])
})

test('nginx changes its user only when it starts as root', () => {
  assert.equal(rendered({}, MACHINE, { user: 'www' })[1], 'user "www";')
  assert.equal(rendered({})[1], 'daemon on;')
})

test('what nginx was not built with is not asked of it', () => {
  const asked = (...modules: readonly string[]) =>
    rendered({}, { ...MACHINE, modules: new Set(modules) }).filter((line) => /gzip_static|stub_status/.test(line))
  assert.deepEqual(asked('http_gzip_static_module', 'http_stub_status_module'), ['gzip_static on;', 'stub_status;'])
  assert.deepEqual(asked(), [])
})

test('a port of 0 is off: what is left listens, and no virtual host where none is left', () => {
  const listening = (server: ServerCase) =>
    rendered({
      server: { ...server, tls: TLS },
      plugins: [{ plugin: 'blog', apps: [{ app: 'main', hosts: ['blog.org'] }] }],
    }).filter((line) => /^(?:listen|server_name) /.test(line))
  const [main, host] = ['server_name 127.0.0.1;', 'server_name "blog.org";']
  assert.deepEqual(listening({ port: 1, httpsPort: 0 }), ['listen 1 default_server backlog=4096;', main, 'listen 1;', host])
  assert.deepEqual(listening({ port: 0, httpsPort: 1 }), [
    'listen 1 ssl default_server backlog=4096;',
    main,
    'listen 1 ssl;',
    host,
  ])
  assert.deepEqual(listening({ port: 0, httpsPort: 0 }), [])
})

const TLS = { certificates: [{ section: 'nginx', names: [], certificate: '/c.pem', key: '/k.pem' }] }

test('TLS is 1.2 or 1.3, whatever is configured, and its ciphers are safe ones unless others are', () => {
  const tls = (settings: ServerCase['tls'], httpsPort = 443) =>
    withServer({ tls: { ...TLS, ...settings }, httpsPort }).filter((line) => /^ssl_(?:protocols|ciphers)/.test(line))
  assert.deepEqual(tls({ protocols: 'SSLv3 TLSv1 TLSv1.1', ciphers: '' }), [
    'ssl_protocols "TLSv1.2" "TLSv1.3";',
    'ssl_ciphers HIGH:!aNULL:!MD5;',
  ])
  assert.deepEqual(tls({ protocols: 'TLSv1.3 TLSv1.1', ciphers: 'ECDHE' }), ['ssl_protocols "TLSv1.3";', 'ssl_ciphers "ECDHE";'])
  assert.deepEqual(tls({}, 0), [])
})

test('the id of a request is taken over from outside only where that is allowed', () => {
  const ids = (acceptIncomingRequestIdHeader: boolean) => {
    const lines = withServer({ acceptIncomingRequestIdHeader })
    const start = lines.indexOf('map $http_x_request_id $mfserv_request_id {')
    return start < 0 ? [] : lines.slice(start + 1, lines.indexOf('}', start))
  }
  assert.deepEqual(ids(false), [])
  assert.ok(withServer({}).some((line) => /^map "\$\{msec\}.*" \$mfserv_request_id \{$/.test(line)))
  assert.deepEqual(ids(true), ['default $mfserv_own_id;', '"~^[A-Za-z0-9._:+/=-]{1,128}$" $http_x_request_id;'])
})

test('the health location belongs to mfserv, whatever a plugin claims, and is gone when it is off', () => {
  const claims = { plugin: 'blog', apps: [{ app: 'main', prefixes: ['/__health', '/uuid'] }] }
  const located = (healthLocation: string | undefined) =>
    rendered({ server: { healthLocation }, plugins: [claims] }).filter((line) => /^location = "?\/(?:__health|uuid)/.test(line))
  assert.deepEqual(located('/__health'), ['location = "/__health" {', 'location = /uuid {'])
  assert.deepEqual(located(undefined), ['location = /uuid {', 'location = "/__health" {'])
  const lines = withServer({ healthLocation: undefined })
  assert.ok(!lines.some((line) => line.includes('undefined') || line.includes('RUNNING')))
})

test('members of a plugin for the log are written where a fragment names some, behind all the usual ones', () => {
  const app = { app: 'main' }
  const places: readonly NonNullable<RoutesCase['plugins']>[number][] = [
    { plugin: 'blog', httpFragment: '# $extra_log_format', apps: [app] },
    { plugin: 'blog', serverFragment: EXTRA, apps: [app] },
    { plugin: 'blog', apps: [{ ...app, appFragment: EXTRA }] },
    { plugin: 'blog', apps: [{ ...app, staticFragment: EXTRA }] },
  ]
  const logs = (lines: readonly string[]) =>
    lines.filter((line) => LOGS.test(line)).map((line) => line.split(' ').slice(2).join(' '))
  for (const plugin of places) {
    const lines = rendered({ plugins: [{ plugin: 'zoo' }, plugin] })
    assert.deepEqual(logs(lines), [
      'mfserv buffer=64k flush=1s if=$mfserv_log_no_extra;',
      'mfserv_extra buffer=64k flush=1s if=$mfserv_log_extra;',
    ])
    assert.deepEqual(membersOf('mfserv_extra escape=none', lines), [
      ...membersOf('mfserv escape=json', lines),
      "'$extra_log_format'",
    ])
    assert.ok(lines.includes('map $status $mfserv_log_status {'))
  }
  const usual = rendered({ plugins: [{ plugin: 'blog', apps: [{ ...app, appFragment: 'expires 1h;' }] }] })
  assert.deepEqual(logs(usual), [
    'mfserv_lean buffer=64k flush=1s if=$mfserv_log_is_lean;',
    'mfserv buffer=64k flush=1s if=$mfserv_log_is_odd;',
  ])
  assert.equal(membersOf('mfserv escape=json', usual).length, 17)
  assert.deepEqual(membersOf('mfserv_extra escape=none', usual), [])
})

/** What stands in one format of the log. */
function membersOf(name: string, lines: readonly string[]): readonly string[] {
  const start = lines.indexOf(`log_format ${name} '{ '`)
  return start < 0 ? [] : lines.slice(start + 1, lines.indexOf("' }';", start))
}

test('what leads a URL to the index of PHP is there where an app has one', () => {
  const php = { plugin: 'blog', apps: [{ app: 'main', kind: 'fastcgi' as const, index: 'index.php' as const }] }
  const scripts = (plugins: RoutesCase['plugins'] = []) =>
    rendered({ plugins }).filter((line) => line.includes('index.php')).length
  assert.deepEqual([scripts([php]), scripts()], [2, 0])
})

test('nginx can be asked for the same routes without some plugins', () => {
  const routes = routesOf({ plugins: [{ plugin: 'a' }, { plugin: 'b' }, { plugin: 'c' }] }, '/HOME')
  const left = withoutPlugins(routes, new Set(['a', 'c'])).plugins.map(({ plugin }) => plugin)
  assert.deepEqual(left, ['b'])
})

test('twice as many plugins are read twice as often, and not four times: a thousand must not take seconds', () => {
  const few = readsOf(50)
  const many = readsOf(100)
  assert.ok(many < 2.2 * few, `${few} and ${many}`)
})

/** How often something of a plugin is read to render so many of them, each with fragments and a page of its own. */
function readsOf(count: number): number {
  let reads = 0
  const counting: ProxyHandler<PluginRoutes> = {
    get: (plugin, key, receiver) => {
      reads += 1
      return Reflect.get(plugin, key, receiver)
    },
  }
  const plugins = Array.from({ length: count }, (_, number) => ({
    plugin: `p${number}`,
    httpFragment: 'error_page 404 /x;\n',
    apps: [
      { app: 'main', prefixes: [`/p${number}/main`, `/p${number}`] },
      { app: 'files', kind: 'files' as const },
    ],
  }))
  const routes = routesOf({ plugins }, '/HOME')
  const counted = routes.plugins.map((plugin) => new Proxy({ ...plugin, errorPage: `/page${plugin.plugin}` }, counting))
  assert.ok('text' in render({ ...routes, plugins: counted }, MACHINE))
  return reads
}
