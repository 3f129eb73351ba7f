import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, machine, plugin, settings, WSGI } from '../../test/support/desired-fixture.ts'
import { OWN_PATHS } from '../config/own-paths.ts'
import { Problem } from '../problem.ts'
import { desire } from './desire.ts'
import type { AppId } from './ids.ts'
import type { InstalledPlugin } from './installed.ts'

const want = (...plugins: readonly InstalledPlugin[]) => desire(plugins, settings, machine, (text) => text)

function prefixes(...plugins: readonly InstalledPlugin[]): Record<string, readonly string[]> {
  const { routes } = want(...plugins)
  return Object.fromEntries(
    routes.plugins.flatMap(({ plugin: name, apps }) => apps.map((app) => [`${name}/${app.app}`, app.prefixes])),
  )
}

test('an app answers below /plugin/app; main, or the only app, also at /plugin', () => {
  const two = `${WSGI}[app_second]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  assert.deepEqual(prefixes(installed('blog', two), installed('shop', '[app_site]\ntype=static\n')), {
    'blog/main': ['/blog/main', '/blog'],
    'blog/second': ['/blog/second'],
    'shop/site': ['/shop/site', '/shop'],
  })
})

test('a route that another plugin owns is left out and named, and the rest of the plugin is served', () => {
  const greedy = `${WSGI}prefix_based_routing_extra_routes=/shop;/free;/status\n`
  const desired = want(installed('blog', greedy), installed('shop', WSGI))
  assert.deepEqual(desired.routes.plugins[0]?.apps[0]?.prefixes, ['/blog/main', '/blog', '/free'])
  assert.deepEqual(desired.routes.plugins[1]?.apps[0]?.prefixes, ['/shop/main', '/shop'])
  const line = desired.plugins[0]?.plugin.apps[0]?.lines?.extraRoutes
  const found = desired.problems.get('blog')?.map(({ code, message, where }) => {
    assert.deepEqual([typeof where?.line, where?.line], ['number', line])
    return [code, message.slice(0, 60)]
  })
  assert.deepEqual(found, [
    ['ROUTE_CONFLICT', 'the route "/shop" of app main belongs to shop/main already; '],
    ['ROUTE_CONFLICT', 'the route "/status" of app main belongs to mfserv itself alr'],
  ])
  assert.equal(desired.problems.has('shop'), false)
})

test('no plugin gets a URL that mfserv answers itself', () => {
  const own = [...OWN_PATHS, '/__health', '/__mfserv/plugins.json', '/__mfserv/index.html', '/__mfserv/any/where']
  const desired = want(installed('blog', `${WSGI}prefix_based_routing_extra_routes=${own.join(';')}\n`))
  assert.deepEqual(desired.routes.plugins[0]?.apps[0]?.prefixes, ['/blog/main', '/blog'])
  assert.deepEqual(
    desired.problems.get('blog')?.map(({ code }) => code),
    own.map(() => 'ROUTE_CONFLICT'),
  )
})

test('a stopped plugin wants no worker and no cron job, and its routes stay as they are', () => {
  const config = `${WSGI}[extra_daemon_clock]\ncmd_and_args=clock\nnumprocesses=1\n`
  const plugins = [installed('blog', config), installed('shop', WSGI)]
  const stopped = desire(plugins, { ...settings, stopped: new Set(['blog']) }, machine, (text) => text)
  assert.deepEqual(
    [...stopped.apps.values()].map(({ id, slots }) => [id, slots]),
    [
      ['blog/main', 0],
      ['blog/@clock', 0],
      ['shop/main', 2],
    ],
  )
  assert.equal(stopped.routesKey, want(...plugins).routesKey)
  assert.deepEqual(stopped.cron, [])
})

test('a new release of a stopped plugin is tried with all its workers, and is no canary', () => {
  const candidates = [{ installed: installed('blog', WSGI, { fingerprint: 'new' }), canaryPercent: 50 }]
  const desired = desire(
    [installed('blog', WSGI)],
    { ...settings, stopped: new Set(['blog']), candidates },
    machine,
    (text) => text,
  )
  assert.deepEqual(
    [...desired.candidates.values()].map(({ app, canarySlots }) => [app.id, app.slots, canarySlots]),
    [['blog/main', 2, 0]],
  )
})

test('a canary has a share of the slots that serve: at least one, never all of them, and no more than it has itself', () => {
  const shares: readonly (readonly [percent: number, serving: number, candidate: number, slots: number])[] = [
    [0, 4, 4, 0],
    [1, 4, 4, 1],
    [25, 4, 4, 1],
    [50, 4, 4, 2],
    [50, 3, 3, 2],
    [49, 3, 3, 1],
    [75, 4, 4, 3],
    [100, 4, 4, 3],
    [100, 2, 2, 1],
    [100, 1, 1, 0],
    [1, 1, 1, 0],
    [75, 4, 2, 2],
    [75, 4, 3, 3],
  ]
  const withWorkers = (workers: number) => installed('blog', WSGI.replace('workers=2', `workers=${workers}`))
  for (const [canaryPercent, serving, candidate, slots] of shares) {
    const candidates = [{ installed: withWorkers(candidate), canaryPercent }]
    const desired = desire([withWorkers(serving)], { ...settings, candidates }, machine, (text) => text)
    assert.equal(desired.candidates.get('blog/main' as AppId)?.canarySlots, slots, `${canaryPercent} % of ${serving}`)
  }
  const alone = desire(
    [],
    { ...settings, candidates: [{ installed: withWorkers(2), canaryPercent: 50 }] },
    machine,
    (text) => text,
  )
  assert.equal(alone.candidates.get('blog/main' as AppId)?.canarySlots, 0, 'of an app that does not serve yet')
})

test('a daemon runs as often as its configuration says', () => {
  const daemonsWith = (numprocesses: number) =>
    [...want(installed('blog', `[extra_daemon_clock]\ncmd_and_args=clock\nnumprocesses=${numprocesses}\n`)).apps.values()].map(
      ({ id, slots }) => `${id} ${slots}`,
    )
  assert.deepEqual([0, 1, 2].map(daemonsWith), [[], ['blog/@clock 1'], ['blog/@clock 2']])
})

test('a socket path of 107 bytes is served; one more is refused with how much to shorten, the other plugins being served', () => {
  const name = 'a'.repeat(60)
  const at = (length: number, sections = WSGI) => {
    const run = `/${'r'.repeat(length - name.length - '//main.2.g999999.sock'.length - 1)}`
    return desire([installed(name, sections), installed('shop', WSGI)], settings, { ...machine, run }, (text) => text)
  }
  assert.deepEqual([...at(107).apps.keys()], [`${name}/main`, 'shop/main'])
  assert.equal(at(107).problems.has(name), false)
  const refused = at(108)
  assert.deepEqual([...refused.apps.keys()], ['shop/main'])
  const [problem] = refused.problems.get(name) ?? []
  assert.equal(problem?.code, 'SOCKET_PATH_TOO_LONG')
  assert.match(
    problem.message,
    /^the sockets of app main would have a path of 108 bytes, like \/r+\/a+\/main\.2\.g999999\.sock; the system allows 107$/,
  )
  assert.equal(problem.fix, 'Shorten the name of the plugin or of the app, or MFMODULE_RUNTIME_HOME, by 1 character.')
  assert.match(at(109).problems.get(name)?.[0]?.fix ?? '', /, by 2 characters\.$/)
  assert.equal(at(200, '[app_main]\ntype=static\n').problems.has(name), false, 'files need no socket')
})

test('every reason why a plugin is not served is told', () => {
  const php = `${WSGI}[app_php]\ntype=php\nworkers=1\n[app_page]\ntype=php\nworkers=1\n`
  const { problems } = desire([installed('blog', php)], settings, { ...machine, run: `/${'r'.repeat(100)}` }, (text) => text)
  const told = problems.get('blog')?.map(({ code, where }) => `${code} ${where?.line}`)
  const line = (app: number) => plugin('blog', php).apps[app]?.where.line
  assert.deepEqual(told, [...[0, 1, 2].map((app) => `SOCKET_PATH_TOO_LONG ${line(app)}`), `TOOL_MISSING ${line(1)}`])
})

test('without a Python 2 only the plugins that would run on it are left out, and each is told why', () => {
  const old = (name: string, more: Partial<InstalledPlugin> = {}) =>
    installed(name, WSGI.replace('python3_sync', 'python2_sync'), more)
  const plugins = [
    installed('blog', WSGI),
    old('shop'),
    old('built', { python2Path: '/plugins/built/local/python2/bin/python2.7' }),
  ]
  const started = (python2: string | Problem) => {
    const { apps, problems } = desire(
      plugins,
      settings,
      { ...machine, python2, python2Library: '/rh/opt/python2' },
      (text) => text,
    )
    const programs = [...apps].map(([id, { spec }]) => [id, spec.argv[0]])
    return { programs: Object.fromEntries(programs), problems: Object.fromEntries(problems) }
  }
  const served = { 'blog/main': '/usr/bin/python3', 'built/main': '/plugins/built/local/python2/bin/python2.7' }
  const missing = new Problem('TOOL_MISSING', 'no Python 2', 'Install it.')
  assert.deepEqual(started(missing), { programs: served, problems: { shop: [missing] } })
  const found = { ...served, 'shop/main': '/usr/bin/python2.7' }
  assert.deepEqual(started('/usr/bin/python2.7'), { programs: found, problems: {} })
})

test('an app with no workers has no routes, and static files no workers', () => {
  const desired = want(installed('blog', WSGI.replace('workers=2', 'workers=0')), installed('shop', '[app_site]\ntype=static\n'))
  assert.deepEqual([...desired.apps.keys()], [])
  assert.deepEqual(
    desired.routes.plugins.map(({ apps }) => apps.map(({ kind }) => kind)),
    [[], ['files']],
  )
})

test('nginx waits two seconds longer than the worker, so that the worker answers first', () => {
  const desired = want(installed('blog', `${WSGI}timeout=7\n`), installed('shop', WSGI))
  assert.deepEqual(
    desired.routes.plugins.map(({ apps }) => apps[0]?.timeoutSeconds),
    [9, 62],
  )
})

test('static files of an app are routed when their directory exists', () => {
  const files = (...directories: readonly string[]) =>
    want(installed('blog', WSGI, { directories: new Set(directories) })).routes.plugins[0]?.apps[0]?.static
  assert.equal(files(), undefined)
  assert.deepEqual(files('main/static'), { urlPrefix: '/static', directory: '/plugins/blog/main/static' })
})

test('a machine without php-fpm is told what to install, the other plugins being served', () => {
  const php = installed('site', '[app_main]\ntype=php\nworkers=2\n')
  const desired = want(php, installed('blog', WSGI))
  assert.deepEqual([...desired.apps.keys()], ['blog/main'])
  const [problem] = desired.problems.get('site') ?? []
  assert.equal(problem?.code, 'TOOL_MISSING')
  assert.match(problem?.fix ?? '', /apt install .*php-fpm/)
  const { apps } = desire([php], settings, { ...machine, phpFpm: { path: '/usr/sbin/php-fpm8.2', env: {} } }, (text) => text)
  const spec = apps.get('site/main' as AppId)?.spec
  assert.ok(spec?.argv.includes('/usr/sbin/php-fpm8.2'))
  assert.equal(spec?.ready.by === 'answer' && spec.ready.protocol, 'fastcgi')
})
