import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, machine, plugin, settings, WSGI } from '../../test/support/desired-fixture.ts'
import { desire } from './desire.ts'
import { appEnvironment, type Environment, moduleEnvironment, pluginEnvironment } from './environment.ts'
import type { AppId } from './ids.ts'
import type { InstalledPlugin } from './installed.ts'

const want = (...plugins: readonly InstalledPlugin[]) => desire(plugins, settings, machine, (text) => text)

test('a candidate is tried with the plugins that it depends on; what is missing is told of it alone', () => {
  const candidate = { installed: borrowing('shop', 'plugin_tax@mfserv'), canaryPercent: 0 }
  const tried = (others: readonly InstalledPlugin[], run = '/rh/var/run') => {
    const { candidates, candidateProblems, problems } = desire(
      [installed('shop', WSGI), ...others],
      { ...settings, candidates: [candidate] },
      { ...machine, run },
      (text) => text,
    )
    return [[...candidates.keys()], candidateProblems.get('shop')?.map(({ code }) => code), [...problems.keys()]]
  }
  assert.deepEqual(tried([installed('tax', WSGI)]), [['shop/main'], [], []])
  assert.deepEqual(tried([]), [[], ['LAYER_MISSING'], []])
  const tooLong = `/${'r'.repeat(100)}`
  assert.deepEqual(tried([installed('tax', WSGI)], tooLong), [[], ['SOCKET_PATH_TOO_LONG'], ['shop', 'tax']])
})

test('each restart is another version; what makes the version of a worker that nobody restarted is only its files and its start', () => {
  const versionWith = (restarts: ReadonlyMap<string, number>) =>
    desire([installed('blog', WSGI)], { ...settings, restarts }, machine, (text) => text).apps.get('blog/main' as AppId)?.spec
      .hash
  const versions = [new Map(), new Map([['blog', 1]]), new Map([['blog', 2]])].map(versionWith)
  assert.equal(new Set(versions).size, 3)
  const [fingerprints, ...rest] = JSON.parse(versions[0] ?? '') as readonly unknown[]
  assert.deepEqual([fingerprints, rest.length], [['one'], 1])
})

test('a restart is another version of every worker of the plugin, and of no other', () => {
  const plugins = [installed('blog', WSGI), installed('shop', WSGI)]
  const restarted = desire(plugins, { ...settings, restarts: new Map([['blog', 1]]) }, machine, (text) => text)
  const changed = [...want(...plugins).apps.values()].filter(({ id, spec }) => restarted.apps.get(id)?.spec.hash !== spec.hash)
  assert.deepEqual(
    changed.map(({ id }) => id),
    ['blog/main'],
  )
})

test('a changed file, setting or environment is another version of the workers; a plugin beside it changes nothing', () => {
  const hash = (...plugins: readonly InstalledPlugin[]) => want(...plugins).apps.get('blog/main' as AppId)?.spec.hash
  const plain = hash(installed('blog', WSGI))
  assert.equal(hash(installed('blog', WSGI), installed('shop', WSGI)), plain)
  const others = [
    installed('blog', WSGI, { fingerprint: 'two' }),
    installed('blog', `${WSGI}timeout=7\n`),
    installed('blog', `${WSGI}[custom]\ncolour=red\n`),
    installed('blog', WSGI, { python3Path: '/plugins/blog/local/bin/python3' }),
  ]
  for (const other of others) assert.notEqual(hash(other), plain)
  assert.equal(new Set(others.map((other) => hash(other))).size, others.length)
})

test('what a plugin brings is found before what the system has', () => {
  const one = plugin('blog', WSGI)
  const environment = pluginEnvironment(settings.environment, {
    plugin: one,
    directories: new Set(['local/bin', 'bin', 'node_modules']),
  })
  assert.ok(environment['PATH']?.startsWith('/plugins/blog/local/bin:/plugins/blog/bin:/opt/mfserv/bin:/opt/node/bin:'))
  assert.equal(environment['NODE_PATH'], '/plugins/blog/node_modules')
  assert.equal(environment['PYTHONPATH'], '/plugins/blog:/opt/mfserv/python/plugin-path')
  assert.equal(environment['LD_LIBRARY_PATH'], undefined)
})

test('nothing of the environment that mfserv was started in reaches a worker but what is named', () => {
  const names = new Set(Object.keys(moduleEnvironment(machine, {})))
  assert.equal(names.has('NODE_COMPILE_CACHE'), false)
  assert.ok(names.has('HOME') && names.has('MFHARDWARE_NUMBER_OF_CPU_CORES'))
})

test('a process has the settings that the module has for its plugin and those it depends on, and for no other', () => {
  const [shop, tax] = ['shop', 'tax'].map((name) => ({ plugin: plugin(name, WSGI), directories: new Set<string>() }))
  assert.ok(shop !== undefined && tax !== undefined)
  const settingsIn = (environment: Environment): string[] =>
    Object.keys(environment).filter((name) => name.startsWith('MFSERV_PLUGIN_'))
  assert.deepEqual(settingsIn(pluginEnvironment(settings.environment, shop)), ['MFSERV_PLUGIN_SHOP_KEY'])
  const borrowed = pluginEnvironment(settings.environment, shop, [tax])
  assert.deepEqual(settingsIn(borrowed).sort(), ['MFSERV_PLUGIN_SHOP_KEY', 'MFSERV_PLUGIN_TAX_KEY'])
})

test('Python keeps no bytecode of files that are being edited, in no process of a development link or of who borrows from one', () => {
  const developed = installed('blog', `${WSGI}[extra_daemon_clock]\ncmd_and_args=python3 clock.py\nnumprocesses=1\n`, {
    isDeveloped: true,
  })
  const keeps = (...all: readonly InstalledPlugin[]): readonly boolean[] =>
    [...want(...all).apps.values()].map(({ spec }) => spec.env['PYTHONDONTWRITEBYTECODE'] === undefined)
  assert.deepEqual(keeps(developed), [false, false])
  assert.deepEqual(keeps(installed('blog', WSGI)), [true])
  const borrowing = pluginEnvironment(settings.environment, installed('shop', WSGI), [developed])
  assert.equal(borrowing['PYTHONDONTWRITEBYTECODE'], '1')
})

test('.layerapi2_extra_env sees the variables of the plugin, and an unknown one reads as nothing', () => {
  const one = plugin('blog', WSGI, 'DATA={MFSERV_CURRENT_PLUGIN_DIR}/data\nEMPTY=x{NO_SUCH}y\n')
  const environment = pluginEnvironment(settings.environment, { plugin: one, directories: new Set() })
  assert.equal(environment['DATA'], '/plugins/blog/data')
  assert.equal(environment['EMPTY'], 'xy')
})

test('each plugin has a directory for what it keeps, which its environment names; a borrowed setting names that of the lender', () => {
  const own = { plugin: plugin('shop', WSGI), directories: new Set<string>() }
  const lender = { plugin: plugin('tax', WSGI, 'RATES={MFSERV_CURRENT_PLUGIN_DATA_DIR}/rates\n'), directories: new Set<string>() }
  const environment = pluginEnvironment(settings.environment, own, [lender])
  assert.equal(environment['MFSERV_CURRENT_PLUGIN_DATA_DIR'], '/rh/var/data/shop')
  assert.equal(environment['RATES'], '/rh/var/data/tax/rates')
})

test('the debugger of an app with debug=1 asks for the PIN of its plugin; other apps know none', () => {
  const { apps } = want(installed('blog', `${WSGI}debug=1\n`), installed('shop', WSGI))
  const pins = [...apps.values()].map(({ plugin: name, spec }) => [name, spec.env['WERKZEUG_DEBUG_PIN'], spec.env['FLASK_DEBUG']])
  assert.deepEqual(pins, [
    ['blog', 'pin of blog', '1'],
    ['shop', undefined, undefined],
  ])
})

test('plugin code logs from the level that [log] sets', () => {
  const environment = moduleEnvironment(machine, { MFSERV_LOG_MINIMAL_LEVEL: 'WARNING' })
  assert.equal(environment['MFLOG_MINIMAL_LEVEL'], 'WARNING')
  assert.match(environment['MFLOG_MINIMAL_LEVEL_OVERRIDE_FILES'] ?? '', /;\/rh\/config\/mflog_override\.conf$/)
})

test('a plugin in debug says so to its code', () => {
  const one = plugin('blog', `${WSGI}debug=1\n`)
  const [app] = one.apps
  assert.ok(app)
  const environment = appEnvironment(
    pluginEnvironment(settings.environment, { plugin: one, directories: new Set() }),
    app,
    one.home,
  )
  assert.equal(environment['MFSERV_CURRENT_PLUGIN_DEBUG'], '1')
  assert.equal(environment['MFLOG_MINIMAL_LEVEL'], 'DEBUG')
})

test('what a plugin borrows comes behind what is its own, libraries as well as settings', () => {
  const own = { plugin: plugin('shop', `${WSGI}[custom]\nrate=2\n`), directories: new Set(['bin']), sitePackages: '/shop/site' }
  const lender = plugin('tax', `${WSGI}[custom]\nrate=1\ncountry=fr\n`, 'TAX_DATA={MFSERV_CURRENT_PLUGIN_DIR}/data\n')
  const directories = new Set(['bin', 'lib', 'node_modules'])
  const environment = pluginEnvironment(settings.environment, own, [{ plugin: lender, directories, sitePackages: '/tax/site' }])
  assert.ok(environment['PATH']?.startsWith('/plugins/shop/bin:/plugins/tax/bin:/opt/mfserv/bin:'))
  assert.equal(
    environment['PYTHONPATH'],
    '/plugins/shop:/shop/site:/plugins/tax:/plugins/tax/lib:/tax/site:/opt/mfserv/python/plugin-path',
  )
  assert.equal(environment['NODE_PATH'], '/plugins/tax/node_modules')
  assert.equal(environment['LD_LIBRARY_PATH'], '/plugins/tax/lib')
  assert.equal(environment['MFSERV_CURRENT_PLUGIN_NAME'], 'shop')
  assert.equal(environment['MFSERV_CURRENT_PLUGIN_CUSTOM_RATE'], '2')
  assert.equal(environment['MFSERV_CURRENT_PLUGIN_CUSTOM_COUNTRY'], 'fr')
  assert.equal(environment['TAX_DATA'], '/plugins/tax/data')
})

test('a newer mfserv replaces the workers that run code of it that has changed, and no others', () => {
  const apps = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n[app_own]\ntype=command\nmain_arg=./x {unix_socket_path}\nworkers=1\n`
  const hashes = (python3: string) => {
    const newer = { ...machine, workerCode: { python3, node: 'same' } }
    return [...desire([installed('blog', apps)], settings, newer, (text) => text).apps.values()].map(({ spec }) => spec.hash)
  }
  const [before, after] = [hashes('one'), hashes('two')]
  assert.deepEqual(
    before.map((hash, at) => hash === after[at]),
    [false, true, true],
  )
})

test('another environment or edit of a plugin is another version of those that depend on it', () => {
  const shop = borrowing('shop', 'plugin_tax@mfserv')
  const hash = (tax: InstalledPlugin) => want(shop, tax).apps.get('shop/main' as AppId)?.spec.hash
  const hashes = [{}, { sitePackages: '/tax/versions/2' }, { fingerprint: 'two' }].map((more) =>
    hash(installed('tax', WSGI, more)),
  )
  assert.equal(new Set(hashes).size, 3)
})

test('a plugin without the one it needs is not started, but goes on as it was, the others being served', () => {
  const shop = borrowing('shop', 'plugin_tax@mfserv')
  const without = want(shop, installed('blog', WSGI))
  assert.deepEqual([...without.apps.keys()], ['blog/main'])
  assert.equal(without.problems.get('shop')?.[0]?.code, 'LAYER_MISSING')
  const { plugins: before, apps } = want(shop, installed('tax', WSGI))
  const after = desire([{ ...shop, fingerprint: 'edited' }], { ...settings, before }, machine, (text) => text)
  assert.deepEqual(after.apps.get('shop/main' as AppId), apps.get('shop/main' as AppId))
  assert.equal(after.problems.get('shop')?.[0]?.code, 'LAYER_MISSING')
  assert.deepEqual([...desire([], { ...settings, before }, machine, (text) => text).apps.keys()], [])
})

test('a plugin that goes on as it was is told of what keeps it back and of the conflicts that it has as it is', () => {
  const before = [{ ...installed('shop', `${WSGI}prefix_based_routing_extra_routes=/status\n`), layers: [] }]
  const { problems } = desire([borrowing('shop', 'plugin_tax@mfserv')], { ...settings, before }, machine, (text) => text)
  assert.deepEqual(
    problems.get('shop')?.map(({ code }) => code),
    ['LAYER_MISSING', 'ROUTE_CONFLICT'],
  )
})

test('a Redis of a plugin is one daemon whose version says nothing of the plugin, and its socket is in the environment', () => {
  const general = 'redis_service=1\n'
  const program = { ...machine, redis: { path: '/usr/bin/redis-server', env: {} } }
  const one = installed('blog', `${general}${WSGI}`)
  const wanted = (plugin: InstalledPlugin) =>
    desire([plugin], settings, program, (text) => text).apps.get('blog/@redis_service' as AppId)
  const daemon = wanted(one)
  assert.deepEqual([daemon?.kind, daemon?.slots, daemon?.spec.argv[0]], ['daemon', 1, '/usr/bin/redis-server'])
  const { ready, drainMs, graceMs, maxAgeMs } = daemon?.spec ?? {}
  assert.deepEqual([ready, drainMs, maxAgeMs], [{ by: 'living', forMs: 1000 }, 0, 0])
  assert.equal(graceMs, (one.plugin.daemons[0]?.gracefulTimeout ?? 0) * 1000)
  // Nothing of it is written to the disk.
  assert.match(daemon?.spec.argv.join(' ') ?? '', / --save {2}--appendonly no --maxmemory 512mb /)
  const socket = `${machine.runtimeHome}/var/redis_plugin_blog.socket`
  assert.equal(daemon?.spec.link?.at, socket)
  assert.ok(daemon?.spec.argv.includes(daemon.spec.link.to))
  assert.equal(wanted({ ...one, fingerprint: 'another', plugin: { ...one.plugin, version: '9' } })?.spec.hash, daemon?.spec.hash)
  const { apps } = desire([one], settings, program, (text) => text)
  assert.equal([...apps.values()][0]?.spec.env['REDIS_SOCKET_UNIX_SOCKET_PATH'], socket)
  const [app] = apps.values()
  assert.equal(app?.after, 'blog/@redis_service')
  const many = installed('blog', `${general}${WSGI}[extra_daemon_a]\ncmd_and_args=./a\n`)
  const seen = desire([many, installed('other', WSGI)], settings, program, (text) => text).apps
  assert.equal(seen.get('blog/main' as AppId)?.spec.env['REDIS_SOCKET_UNIX_SOCKET_PATH'], socket)
  assert.deepEqual(
    [seen.get('other/main' as AppId)?.after, seen.get('other/main' as AppId)?.spec.env['REDIS_SOCKET_UNIX_SOCKET_PATH']],
    [undefined, undefined],
  )
  const trial = { installed: { ...many, fingerprint: 'new' }, canaryPercent: 0 }
  const tried = desire([], { ...settings, candidates: [trial] }, program, (text) => text).apps
  assert.deepEqual([...tried.keys()], ['blog/@redis_service'])
  const without = desire([one, installed('other', WSGI)], settings, machine, (text) => text)
  assert.deepEqual([...without.apps.keys()], ['other/main'])
  const [problem] = without.problems.get('blog') ?? []
  assert.deepEqual(
    [problem?.code, problem?.message],
    ['TOOL_MISSING', 'this machine has no redis-server, which redis_service = 1 needs'],
  )
  const long = { ...program, runtimeHome: `/${'r'.repeat(100)}` }
  assert.equal(desire([one], settings, long, (text) => text).problems.get('blog')?.[0]?.code, 'SOCKET_PATH_TOO_LONG')
})

function borrowing(name: string, label: string): InstalledPlugin {
  const one = installed(name, WSGI)
  const where = { file: `/plugins/${name}/.layerapi2_dependencies`, line: 1 }
  return { ...one, plugin: { ...one.plugin, dependencies: [{ label, optional: false, where }] } }
}

test('a log level or another setting of mfserv itself replaces no worker; its address, its time and a value of the plugin do', () => {
  const hashOf = (common: Record<string, string>, ofPlugin: Record<string, string> = {}, timeoutSeconds = 60): string => {
    const environment = { common: { ...settings.environment.common, ...common }, ofPlugin: () => ofPlugin }
    const server = { ...settings.server, timeoutSeconds }
    const desired = desire([installed('blog', WSGI)], { ...settings, server, environment }, machine, (text) => text)
    return [...desired.apps.values()][0]?.spec.hash ?? ''
  }
  const before = hashOf({})
  for (const name of ['MFSERV_LOG_MINIMAL_LEVEL', 'MFLOG_MINIMAL_LEVEL', 'MFSERV_NGINX_SERVER_TOKENS', 'MFSERV_RELEASES_KEEP']) {
    assert.equal(hashOf({ [name]: 'other' }), before, name)
  }
  assert.notEqual(hashOf({ MFSERV_NGINX_PORT: '9000' }), before)
  assert.notEqual(hashOf({ MFSERV_SHOP_CURRENCY: 'EUR' }), before)
  assert.notEqual(hashOf({}, { MFSERV_PLUGIN_BLOG_KEY: 'other' }), before)
  assert.notEqual(hashOf({}, {}, 61), before)
})

test('another number of workers or of daemons is no other version of any of them', () => {
  const hashesOf = (workers: string, clocks: string): readonly string[] => {
    const config = `${WSGI.replace('workers=2', `workers=${workers}`)}[extra_daemon_clock]\ncmd_and_args=clock\nnumprocesses=${clocks}\n`
    return [...want(installed('blog', config)).apps.values()].map(({ spec }) => spec.hash)
  }
  assert.deepEqual(hashesOf('5', '1'), hashesOf('2', '3'))
  assert.equal(new Set(hashesOf('5', '1')).size, 2)
})

test('a core file may be as large as the app says and, where it says nothing, as the module does', () => {
  const config = `${WSGI}rlimit_core=5\n[app_second]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n[extra_daemon_clock]\ncmd_and_args=clock\nnumprocesses=1\n`
  const coresWith = (coreBytes: number | undefined) =>
    [...desire([installed('blog', config)], { ...settings, coreBytes }, machine, (text) => text).apps.values()].map(
      ({ spec }) => spec.limits.core,
    )
  assert.deepEqual(coresWith(undefined), [5, undefined, undefined])
  assert.deepEqual(coresWith(0), [5, 0, 0])
})
