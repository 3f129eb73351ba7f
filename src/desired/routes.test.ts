import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, plugin, WSGI } from '../../test/support/desired-fixture.ts'
import type { App } from '../plugin/plugin.ts'
import { formatProblem } from '../problem.ts'
import { mountedAt, wantedHosts, wantedPrefixes } from './claims/wanted.ts'
import type { InstalledPlugin } from './installed.ts'
import { routesOf, staticDirectory, timeoutOf } from './routes.ts'

const PLACES = { run: '/run', hostnames: ['box', 'box.example.org'], timeoutSeconds: 60, reserved: ['/status'] }
const NODE = '[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n'

const route = (...plugins: readonly InstalledPlugin[]) => routesOf(plugins, PLACES)
const [app] = plugin('blog', WSGI).apps
assert.ok(app)

test('everything that nginx is told of an app', () => {
  const [shop] = route(installed('shop', WSGI, { directories: new Set(['main/static']), servedFrom: '/served/shop' })).routes
  assert.deepEqual(shop, {
    plugin: 'shop',
    httpFragment: undefined,
    serverFragment: undefined,
    apps: [
      {
        app: 'main',
        kind: 'proxy',
        prefixes: ['/shop/main', '/shop'],
        hosts: [],
        directory: '/served/shop/main',
        isRelease: true,
        static: { urlPrefix: '/static', directory: '/served/shop/main/static' },
        sockets: ['/run/shop.main.1.sock', '/run/shop.main.2.sock'],
        holdSocket: '/run/shop.main.hold.sock',
        keepAlive: true,
        timeoutSeconds: 62,
        appFragment: undefined,
        staticFragment: undefined,
      },
    ],
  })
})

test('PHP has an index and speaks FastCGI; files have no socket and no static files of their own', () => {
  const sections = '[app_php]\ntype=php\nworkers=1\n[app_site]\ntype=static\n'
  const directories = new Set(['php/static', 'site/static'])
  const [php, site] = route(installed('shop', sections, { directories })).routes[0]?.apps ?? []
  assert.deepEqual([php?.kind, php?.index, php?.sockets], ['fastcgi', 'index.php', ['/run/shop.php.1.sock']])
  assert.ok(site !== undefined)
  assert.deepEqual([site.kind, 'index' in site, site.sockets, site.static], ['files', false, [], undefined])
})

test('the files of an app are those of its directory; in that of the plugin only what pages are made of, and no code of others', () => {
  const code = '[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\ndirectory=src/api\n'
  const site = (lines: string) =>
    route(installed('shop', `[app_site]\ntype=static\n${lines}${code}`, { servedFrom: '/served/shop' })).routes[0]?.apps[0]
  assert.deepEqual(
    [site('directory=public\n')?.directory, site('directory=public\n')?.visitors],
    ['/served/shop/public', undefined],
  )
  const { directory, visitors } = site('directory=.\n') ?? {}
  assert.deepEqual([directory, visitors?.hides], ['/served/shop', ['src/api']])
  for (const one of ['html', 'css', 'js', 'png', 'woff2']) assert.ok(visitors?.extensions.includes(one), one)
  for (const one of ['ini', 'json', 'php', 'txt', 'xml', 'env']) assert.ok(!visitors?.extensions.includes(one), one)
  assert.deepEqual(site('static_extensions=css\n')?.visitors, { extensions: ['css'], isPlugin: false, hides: [] })
  const moved = installed('shop', code, { directories: new Set(['src/api/static']) })
  assert.equal(route(moved).routes[0]?.apps[0]?.static?.directory, '/plugins/shop/src/api/static')
})

test('a fragment is named by the path that nginx reads it by, of a release too', () => {
  const blog = plugin('blog', WSGI)
  const fragment = (name: string) => ({ file: `/plugins/blog/${name}`, text: `# ${name}` })
  const one = { ...app, fragments: { app: fragment('main/app.conf'), static: fragment('main/static.conf') } }
  const fragments = { http: fragment('http.conf'), server: fragment('server.conf') }
  const filesFrom = (servedFrom: string | undefined) => {
    const home = installed('blog', WSGI, { plugin: { ...blog, apps: [one], fragments }, servedFrom })
    const [routes] = route(home).routes
    const [first] = routes?.apps ?? []
    return [routes?.httpFile, routes?.serverFile, first?.appFile, first?.staticFile, first?.appFragment, first?.staticFragment]
  }
  const texts = ['# main/app.conf', '# main/static.conf']
  const under = (root: string) =>
    ['http.conf', 'server.conf', 'main/app.conf', 'main/static.conf'].map((name) => `${root}/${name}`)
  assert.deepEqual(filesFrom(undefined), [...under('/plugins/blog'), ...texts])
  assert.deepEqual(filesFrom('/served/blog'), [...under('/served/blog'), ...texts])
})

test('what an app claims: its own prefixes, then its extra routes; nothing without prefix routing or workers', () => {
  const extra = 'prefix_based_routing_extra_routes=/maps;/\n'
  const claims: readonly (readonly [sections: string, claims: readonly string[]])[] = [
    [`${WSGI}${extra}`, ['/blog/main', '/blog', '/maps', '/']],
    [`${NODE}${extra}`, ['/blog/api', '/blog', '/maps', '/']],
    [`${NODE}${extra}${WSGI}`, ['/blog/api', '/maps', '/']],
    [`${WSGI}${extra}${NODE}`, ['/blog/main', '/blog', '/maps', '/']],
    [`${WSGI}${extra}prefix_based_routing=0\n`, []],
    [`${WSGI}${extra}`.replace('workers=2', 'workers=0'), []],
    [`[app_site]\ntype=static\n${extra}`, ['/blog/site', '/blog', '/maps', '/']],
  ]
  for (const [sections, expected] of claims) {
    const blog = installed('blog', sections)
    const [first] = blog.plugin.apps
    assert.ok(first)
    const { own, extra } = wantedPrefixes(blog.plugin, first)
    assert.deepEqual([...own, ...extra], expected, sections)
    assert.deepEqual(route(blog).routes[0]?.apps[0]?.prefixes ?? [], expected, sections)
  }
})

test('a mounted app loses its own prefixes, never those of its extra routes; files need no such thing', () => {
  const mount = 'mount=1\nprefix_based_routing_extra_routes=/maps\n'
  const mounted = (sections: string) => route(installed('blog', sections)).routes[0]?.apps.map((one) => one.mounted)
  assert.deepEqual(mounted(`${WSGI}${mount}${NODE}`), [['/blog/main', '/blog'], undefined])
  assert.deepEqual(mounted(`${WSGI}${mount}prefix_based_routing=0\n`), [[]])
  assert.deepEqual(mounted(`[app_site]\ntype=static\n${mount}`), [undefined])
  const blog = plugin('blog', `${WSGI}mount=1\n${NODE}`)
  assert.deepEqual(
    blog.apps.map((one) => mountedAt(blog, one)),
    [['/blog/main', '/blog'], []],
  )
})

test('an app that is not served takes no route from another plugin', () => {
  const extra = 'prefix_based_routing_extra_routes=/maps\n'
  const idle = installed('blog', `${WSGI}${extra}`.replace('workers=2', 'workers=0'))
  const { routes, problems } = route(idle, installed('shop', `${WSGI}${extra}`))
  assert.deepEqual(problems, [])
  assert.deepEqual(routes[1]?.apps[0]?.prefixes, ['/shop/main', '/shop', '/maps'])
})

test('a conflict is told with the line of the extra routes only where the route stands there, in this file', () => {
  const blog = plugin('blog', `${WSGI}prefix_based_routing_extra_routes=/status\n`)
  const [one] = blog.apps
  assert.ok(one?.lines?.extraRoutes)
  const { lines, ...elsewhere } = one
  const problemsOf = (given: App) =>
    routesOf([installed('blog', WSGI, { plugin: { ...blog, apps: [given] } })], { ...PLACES, reserved: ['/status', '/blog'] })
      .problems
  const linesOf = (given: App) => problemsOf(given).map(({ where }) => where?.line)
  assert.deepEqual(linesOf(one), [one.where.line, lines?.extraRoutes])
  assert.deepEqual(linesOf({ ...one, lines: { entry: 1 } }), [one.where.line, one.where.line])
  assert.deepEqual(linesOf(elsewhere), [one.where.line, one.where.line])
  const [first] = problemsOf(one)
  assert.ok(first)
  assert.equal(
    formatProblem(first),
    `/plugins/blog/config.ini:9  the route "/blog" of app main belongs to mfserv itself already; the rest of the plugin is served  (ROUTE_CONFLICT)
  Choose another route, or remove it from prefix_based_routing_extra_routes.`,
  )
})

test('with virtual hosts each app has its name under every name of the machine; main, or the only one, also that of the plugin', () => {
  const on = 'virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=www.example.org,*.example.net\n'
  const extra = ['www.example.org', '*.example.net']
  const under = (name: string) => ['box', 'box.example.org', 'localhost'].map((host) => `${name}.${host}`)
  const hosts: readonly (readonly [sections: string, hosts: readonly string[]])[] = [
    [`${WSGI}${on}${NODE}`, [...under('main.blog'), ...under('blog'), ...extra]],
    [`${NODE}${on}${WSGI}`, [...under('api.blog'), ...extra]],
    [`${NODE}${on}`, [...under('api.blog'), ...under('blog'), ...extra]],
    [`${WSGI}${on.replace('=1', '=0')}`, []],
  ]
  for (const [sections, expected] of hosts) {
    const [first] = route(installed('blog', sections)).routes[0]?.apps ?? []
    assert.deepEqual(first?.hosts, expected, sections)
  }
  const named = { ...app, routing: { ...app.routing, virtualDomain: true } }
  assert.deepEqual(wantedHosts(plugin('blog', WSGI), named, ['box', 'box', 'localhost']).own.length, 4, 'each host once')
})

test('an app has the time of the module unless it sets one of its own', () => {
  assert.deepEqual(
    [0, 1, 2].map((timeout) => timeoutOf({ ...app, timeout }, 60)),
    [60, 1, 2],
  )
})

test('the directory of static files may be written with more slashes', () => {
  const written = ['static', '/static', 'static/', '//a//b/']
  assert.deepEqual(
    written.map((directory) => staticDirectory(app, directory)),
    ['main/static', 'main/static', 'main/static', 'main/a/b'],
  )
})

test('clients stay at the workers of an app that says so, told by where its sockets are, and not where nginx speaks FastCGI', () => {
  const sticky = (sections: string) => route(installed('shop', sections)).routes[0]?.apps[0]?.sticky
  assert.equal(sticky(`${WSGI}sticky=1\n`), '/run/shop.main')
  assert.equal(sticky(WSGI), undefined)
  assert.equal(sticky('[app_php]\ntype=php\nworkers=1\nsticky=1\n'), undefined)
})

test('a host name that two apps want goes to the one whose own it is, then to the first plugin by name, and the other is told with its line', () => {
  const names = (...hosts: readonly string[]) =>
    `${WSGI}virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=${hosts.join(',')}\n`
  const { routes, problems } = route(
    installed('blog', names('www.example.org', 'shop.box', '127.0.0.1')),
    installed('shop', names('WWW.Example.org', '*.example.org', 'free.example.org', 'free.example.org')),
  )
  const extra = routes.map(({ apps }) => apps[0]?.hosts.filter((host) => !/(box|localhost)/.test(host) || host === 'shop.box'))
  assert.deepEqual(extra, [['www.example.org'], ['shop.box', '*.example.org', 'free.example.org']])
  const line = plugin('blog', names('x')).apps[0]?.lines?.extraVhosts
  assert.deepEqual(
    problems.map(({ code, message, where }) => [code, message.split(';')[0], where?.file, where?.line === line]),
    [
      ['shop.box', 'main', 'shop/main', 'blog'],
      ['127.0.0.1', 'main', 'mfserv itself', 'blog'],
      ['WWW.Example.org', 'main', 'blog/main', 'shop'],
    ].map(([host, own, owner, file]) => [
      'ROUTE_CONFLICT',
      `the host name "${host}" of app ${own} belongs to ${owner} already`,
      `/plugins/${file}/config.ini`,
      true,
    ]),
  )
})

test('an app that is not served takes no host name from another plugin', () => {
  const named = `${WSGI}virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=www.example.org\n`
  const { routes, problems } = route(installed('blog', named.replace('workers=2', 'workers=0')), installed('shop', named))
  assert.deepEqual([problems, routes[1]?.apps[0]?.hosts.includes('www.example.org')], [[], true])
})

test('relative paths of a fragment are those of the plugin; what nginx reads only once is named by its release, or by its version', () => {
  const blog = plugin('blog', WSGI)
  const text = 'include a.conf;\nauth_basic_user_file passwords;\n'
  const told = (own: string, more: Partial<InstalledPlugin>) => {
    const fragments = { http: { file: '/plugins/blog/http.conf', text: own }, server: undefined }
    const [routes] = route(installed('blog', WSGI, { plugin: { ...blog, fragments }, ...more })).routes
    return [routes?.httpFragment, routes?.filesVersion]
  }
  assert.deepEqual(told(text, { servedFrom: '/served/blog', fingerprint: '' }), [
    'include "/plugins/blog/a.conf";\nauth_basic_user_file "/served/blog/passwords";\n',
    undefined,
  ])
  assert.deepEqual(told(text, { fingerprint: 'two' }), [
    'include "/plugins/blog/a.conf";\nauth_basic_user_file "/plugins/blog/passwords";\n',
    'two',
  ])
  assert.equal(told('auth_basic_user_file passwords;', { fingerprint: 'two' })[1], undefined)
})

test('static files whose prefix an app has are told with who hides them', () => {
  const sections = `${WSGI}[app_static]\ntype=static\n`
  const { problems } = route(installed('shop', sections, { directories: new Set(['main/static']) }), installed('zoo', WSGI))
  assert.deepEqual(
    problems.map(({ code, message }) => [code, message]),
    [
      [
        'ROUTE_CONFLICT',
        'the static files of app main at "/shop/static" are hidden: that belongs to shop/static; the rest of the plugin is served',
      ],
    ],
  )
  assert.deepEqual(route(installed('shop', sections)).problems, [])
  const other = `${sections.replace('workers=2', 'workers=2\nstatic_url_prefix=/files')}`
  assert.deepEqual(route(installed('shop', other, { directories: new Set(['main/static']) })).problems, [])
})
