import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { machine } from '../../test/support/desired-fixture.ts'
import { desire } from '../desired/desire.ts'
import type { ServerSettings } from '../desired/desired.ts'
import type { AppId } from '../desired/ids.ts'
import type { InstalledPlugin } from '../desired/installed.ts'
import type { DesireSettings } from '../desired/settings.ts'
import { parsePlugin } from '../plugin/parse.ts'
import { pluginSettings } from '../plugin/settings.ts'
import { Problem } from '../problem.ts'
import { exitCodeOf, type PreviewInput, preview } from './preview.ts'
import { previewText } from './preview-text.ts'

const WSGI = '[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=2\n'
const DAEMON = '[extra_daemon_clock]\ncmd_and_args=clock\n'

test('what nothing would change says so, wherever the release lies, and is the only preview that ends with 0', () => {
  const same = compare({ blog: WSGI }, { blog: WSGI }, '/plugins/blog')
  assert.deepEqual(
    [same.kind, exitCodeOf(same), previewText(same)],
    ['nothing', 0, 'Nothing would change: blog is as it would be.'],
  )
  for (const change of [compare({}, { blog: WSGI }), compare({ blog: WSGI }, {}), compare({ blog: WSGI }, { blog: WSGI })]) {
    assert.equal(exitCodeOf(change), 2)
  }
})

test('a new release with the same routes reloads no nginx; its workers take over one beside the other', () => {
  const change = compare({ blog: `${WSGI}${DAEMON}` }, { blog: `${WSGI}${DAEMON}`.replace('workers=2', 'workers=3') })
  assert.deepEqual(change.workers, [
    { app: 'main', kind: 'app', before: 2, after: 3, change: 'replaced' },
    { app: '@clock', kind: 'daemon', before: 1, after: 1, change: 'replaced' },
  ])
  assert.equal(change.nginx, 'reload', 'one more worker is one more server of the upstream')
  assert.deepEqual(change.configuration, [{ name: '[app_main] workers', before: '2', after: '3' }])
  assert.deepEqual(change.environment, [])
  const same = compare({ blog: WSGI }, { blog: WSGI })
  assert.deepEqual([same.kind, same.nginx, same.routes.added, same.environment], ['replace', 'untouched', [], []])
})

test('routes that come, go, are refused and are taken from others are told apart', () => {
  const extra = (routes: string): string => `${WSGI}prefix_based_routing_extra_routes=${routes}\n`
  const change = compare(
    { blog: extra('/old;/kept'), zoo: extra('/wanted') },
    { blog: extra('/kept;/wanted;/status;/new'), zoo: extra('/wanted') },
  )
  assert.deepEqual(change.routes, {
    added: [
      { app: 'main', route: '/wanted' },
      { app: 'main', route: '/new' },
    ],
    removed: [{ app: 'main', route: '/old' }],
    conflicts: [{ app: 'main', route: '/status', owner: 'mfserv itself' }],
    taken: [{ plugin: 'zoo', app: 'main', route: '/wanted' }],
    given: [],
  })
  const removal = compare({ blog: extra('/wanted'), zoo: extra('/wanted') }, { zoo: extra('/wanted') })
  assert.deepEqual(removal.routes.given, [{ plugin: 'zoo', app: 'main', route: '/wanted' }])
  assert.match(previewText(change), /! \/status of app main would not be served: it belongs to mfserv itself/)
})

test('memory is what workers have now, or an estimate that is called so, and is held against what is free', () => {
  const two = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  const change = compare({ blog: WSGI }, { blog: two }, undefined, {
    measured: new Map([['blog/main' as AppId, 100_000_000]]),
    freeMemory: 249_000_000,
  })
  assert.deepEqual(change.memory, {
    before: 200_000_000,
    after: 250_000_000,
    peak: 450_000_000,
    free: 249_000_000,
    isShort: true,
    apps: [
      { app: 'main', perWorker: 100_000_000, basis: 'measured' },
      { app: 'api', perWorker: 50_000_000, basis: 'estimate' },
    ],
  })
  const text = previewText(change)
  assert.match(text, /200 MB → 250 MB, at most 450 MB meanwhile; free now: 249 MB\n {2}! that is more than is free/)
  assert.match(
    text,
    /main: 100 MB for each worker, as its workers have now\n.*api: 50 MB for each worker, an estimate for its type/,
  )
})

test('no secret is ever shown, in data or text', () => {
  const names = fc.constantFrom('password', 'db_password', 'api_token', 'SECRET', 'access_key', 'passwd')
  const secret = fc.stringMatching(/^[a-z]{12}$/)
  fc.assert(
    fc.property(names, secret, secret, (name, old, next) => {
      fc.pre(old !== next)
      const config = (value: string): string => `${WSGI}[custom]\n${name}=${value}\ndb=postgres://me:${value}@db/x\n`
      const change = compare({ blog: config(old) }, { blog: config(next) })
      assert.deepEqual(
        change.configuration.map(({ before, after }) => [before, after]),
        [
          ['***', '***'],
          ['postgres://me:***@db/x', 'postgres://me:***@db/x'],
        ],
      )
      const shown = JSON.stringify(change) + previewText(change)
      assert.ok(!shown.includes(old) && !shown.includes(next))
    }),
    { numRuns: 30 },
  )
})

test('cron jobs, variables of the plugin and dangers are listed', () => {
  const change = compare({ blog: WSGI }, { blog: `${WSGI}debug=1\nprefix_based_routing_extra_routes=/\n` }, undefined, {
    crontabs: ['1 * * * * clean\n5 * * * * report\n', '2 * * * * clean\n9 * * * * mail\n'],
    extraEnvs: ['LANGUAGE=fr\nHERE={MFSERV_CURRENT_PLUGIN_DIR}/x\n', 'LANGUAGE=de\nHERE={MFSERV_CURRENT_PLUGIN_DIR}/x\n'],
  })
  assert.deepEqual(change.cron, [
    { before: '1 * * * * clean', after: '2 * * * * clean' },
    { before: undefined, after: '9 * * * * mail' },
    { before: '5 * * * * report', after: undefined },
  ])
  assert.deepEqual(
    change.environment.find(({ name }) => name === 'LANGUAGE'),
    { name: 'LANGUAGE', before: 'fr', after: 'de' },
  )
  assert.equal(
    change.environment.some(({ name }) => name === 'HERE' || name === 'PYTHONPATH'),
    false,
    'another directory is no difference',
  )
  assert.deepEqual(
    change.dangers.map(({ kind, app }) => [kind, app]),
    [
      ['debug', 'main'],
      ['catch-all-route', 'main'],
    ],
  )
})

test('what nginx refuses would be refused, and others that use the plugin are named', () => {
  const refused = compare({}, { blog: WSGI }, undefined, {
    problems: [new Problem('NGINX_REFUSED', 'nginx refuses it', 'Fix it.')],
  })
  assert.deepEqual(
    [exitCodeOf(refused), previewText(refused).split('\n')[0]],
    [1, 'blog would be refused, and what is served now would go on.'],
  )
  const user = { app: WSGI, needs: 'plugin_blog@mfserv\n' }
  const change = compare({ blog: WSGI, shop: user }, { blog: WSGI, shop: user })
  assert.deepEqual(change.renewed, ['shop'])
})

test('memory is enough when the new workers need exactly what is free; daemons end before they start anew, and need no more', () => {
  const measured = new Map([
    ['blog/main' as AppId, 100],
    ['blog/@clock' as AppId, 1000],
  ])
  const replaced = (freeMemory: number | undefined) => {
    const sections = `${WSGI}${DAEMON}numprocesses=1\n`
    const { memory } = compare({ blog: sections }, { blog: sections }, undefined, { measured, freeMemory })
    return [memory.before, memory.after, memory.peak, memory.free, memory.isShort]
  }
  assert.deepEqual(replaced(200), [1200, 1200, 1400, 200, false])
  assert.deepEqual(replaced(199), [1200, 1200, 1400, 199, true])
  assert.deepEqual(replaced(undefined), [1200, 1200, 1400, undefined, false])
})

test('what nobody has measured is estimated by the type of the app, of one that goes too', () => {
  const app = (name: string, type: string, argument = ''): string => `[app_${name}]\ntype=${type}\n${argument}workers=1\n`
  const wsgi = 'main_arg=main.wsgi:application\n'
  const all =
    app('three', 'python3_sync', wsgi) +
    app('two', 'python2_sync', wsgi) +
    app('js', 'node', 'main_arg=server.js\n') +
    app('own', 'command', 'main_arg=./x {unix_socket_path}\n')
  const perWorker = (before: Record<string, Told>, after: Record<string, Told>) =>
    compare(before, after).memory.apps.map(({ app: name, perWorker: bytes, basis }) => `${name} ${bytes} ${basis}`)
  const estimates = [
    'three 40000000 estimate',
    'two 30000000 estimate',
    'js 50000000 estimate',
    'own 50000000 estimate',
    '@clock 50000000 estimate',
  ]
  assert.deepEqual(perWorker({}, { blog: `${all}${DAEMON}` }), estimates)
  assert.deepEqual(perWorker({ blog: `${all}${DAEMON}` }, {}), estimates)
  const changed = app('two', 'python3_sync', wsgi)
  assert.deepEqual(perWorker({ blog: all }, { blog: changed }), [
    'three 40000000 estimate',
    'two 40000000 estimate',
    ...estimates.slice(2, 4),
  ])
  assert.deepEqual(compare({}, { blog: app('page', 'php') }, undefined, { phpFpmPath: '/usr/sbin/php-fpm' }).memory.apps, [
    { app: 'page', perWorker: 20_000_000, basis: 'estimate' },
  ])
})

test('a plugin that depends on one that is not there would be refused, be it new or in place of one that serves', () => {
  const needy = { app: WSGI, needs: 'plugin_tax@mfserv\n' }
  for (const [before, kind] of [
    [{}, 'install'],
    [{ blog: WSGI }, 'replace'],
  ] as const) {
    const change = compare(before, { blog: needy })
    assert.deepEqual([change.kind, exitCodeOf(change), change.problems.map(({ code }) => code)], [kind, 1, ['LAYER_MISSING']])
    assert.match(previewText(change), /^blog would be refused, .*\(LAYER_MISSING\)/s)
  }
})

test('what nginx says of the others is no reason against a removal; a problem that is there already is not told again', () => {
  const problems = [new Problem('NGINX_MISSING', 'no nginx', 'Install it.')]
  const removal = compare({ blog: WSGI }, {}, undefined, { problems })
  assert.deepEqual([removal.kind, exitCodeOf(removal), removal.problems], ['remove', 2, problems])
  const missing = compare({}, {}, undefined, { problems })
  assert.deepEqual([missing.kind, exitCodeOf(missing)], ['nothing', 0])
  const extra = `${WSGI}prefix_based_routing_extra_routes=/status\n`
  const told = (before: string) => compare({ blog: before }, { blog: extra }).problems.map(({ code }) => code)
  assert.deepEqual([told(WSGI), told(extra)], [['ROUTE_CONFLICT'], []])
})

test('one changed job, route, value or worker is enough for a change', () => {
  const kindOf = (before: string, after: string, more: More = {}) =>
    compare({ blog: before }, { blog: after }, '/plugins/blog', more).kind
  const two = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  assert.equal(kindOf(two, two), 'nothing')
  assert.equal(kindOf(two, two, { crontabs: ['', '1 * * * * clean\n'] }), 'replace')
  assert.equal(kindOf(two, two, { nodePaths: [undefined, '/plugins/blog/node'] }), 'replace')
  assert.equal(kindOf(two, `${two}prefix_based_routing_extra_routes=/maps\n`), 'replace')
  assert.equal(kindOf(two, `${two}[custom]\nkey=1\n`), 'replace')
  const site = '[app_main]\ntype=static\n'
  assert.equal(kindOf(site, `${site}[custom]\nkey=1\n`), 'replace')
})

test('apps and daemons that come and go are listed with how many workers they have', () => {
  const change = compare(
    { blog: WSGI },
    { blog: `${DAEMON}numprocesses=3\n[app_api]\ntype=node\nmain_arg=server.js\nworkers=4\n` },
  )
  assert.deepEqual(change.workers, [
    { app: 'main', kind: 'app', before: 2, after: 0, change: 'removed' },
    { app: 'api', kind: 'app', before: 0, after: 4, change: 'added' },
    { app: '@clock', kind: 'daemon', before: 0, after: 3, change: 'added' },
  ])
})

test('of a new plugin no values are listed; of a new release those that come, go and change, once for all apps', () => {
  assert.deepEqual(compare({}, { blog: `${WSGI}[custom]\nkey=1\n` }).configuration, [])
  const two = `${WSGI}[app_api]\ntype=node\nmain_arg=server.js\nworkers=1\n`
  const change = compare(
    { blog: `${two}[custom]\nold=1\npassword=a\n` },
    { blog: `${two}[app_new]\ntype=node\nmain_arg=server.js\nworkers=1\n[custom]\nnew=2\n` },
    undefined,
    { extraEnvs: ['GONE=1\n', 'HERE=2\n'] },
  )
  assert.deepEqual(
    change.configuration.filter(({ name }) => name.startsWith('[custom]')),
    [
      { name: '[custom] old', before: '1', after: undefined },
      { name: '[custom] password', before: '***', after: undefined },
      { name: '[custom] new', before: undefined, after: '2' },
    ],
  )
  assert.deepEqual(change.environment, [
    { name: 'GONE', before: '1', after: undefined },
    { name: 'HERE', before: undefined, after: '2' },
  ])
})

test('a key that mfserv knows is shown whatever its name; of one that it does not know, only its name tells whether it is a secret', () => {
  const values = compare({ blog: `${WSGI}debug=0\n` }, { blog: `${WSGI}debug=1\n[custom]\ntoken=1\n` }).configuration
  assert.deepEqual(
    values.filter(({ name }) => name.endsWith('debug') || name.endsWith('token')),
    [
      { name: '[app_main] debug', before: '0', after: '1' },
      { name: '[custom] token', before: undefined, after: '***' },
    ],
  )
})

test('a cron job is listed without the secrets in its command', () => {
  const crontabs = ['1 * * * * load --password=old-secret\n', '1 * * * * load --password=new-secret\n']
  const { cron } = compare({ blog: WSGI }, { blog: WSGI }, undefined, { crontabs })
  assert.deepEqual(cron, [
    { before: undefined, after: '1 * * * * load --password=***' },
    { before: '1 * * * * load --password=***', after: undefined },
  ])
})

test('a cron job whose command stays is a changed one; of several with that command the first is taken', () => {
  const cron = (before: string, after: string) =>
    compare({ blog: WSGI }, { blog: WSGI }, undefined, { crontabs: [before, after] }).cron
  assert.deepEqual(cron('1 * * * * a\n2 * * * * a\n3 * * * * b\n', '3 * * * * b\n4 * * * * a\n'), [
    { before: '1 * * * * a', after: '4 * * * * a' },
    { before: '2 * * * * a', after: undefined },
  ])
})

test('where nginx is off, nothing of it is touched', () => {
  const off = compare({ blog: WSGI }, { blog: `${WSGI}prefix_based_routing_extra_routes=/x\n` }, undefined, { front: false })
  assert.equal(off.nginx, 'off')
})

test('the names of virtual hosts are routes', () => {
  const change = compare(
    { blog: WSGI },
    { blog: `${WSGI}virtualdomain_based_routing_extra_vhosts=a.example.org\nvirtualdomain_based_routing=1\n` },
  )
  assert.deepEqual(
    change.routes.added.map(({ route }) => route).filter((route) => route.includes('example.org')),
    ['http://main.blog.box.example.org', 'http://blog.box.example.org', 'http://a.example.org'],
  )
})

type Told = string | { readonly app: string; readonly needs: string }
/** Lists: before and after. */
type More = Partial<PreviewInput> & {
  readonly crontabs?: readonly string[]
  readonly extraEnvs?: readonly string[]
  readonly nodePaths?: readonly (string | undefined)[]
  readonly phpFpmPath?: string
  readonly front?: boolean
}

/** `home`: where the plugin blog lies afterwards. */
function compare(
  before: Readonly<Record<string, Told>>,
  after: Readonly<Record<string, Told>>,
  home = '/plugins/.releases/blog/2',
  more: More = {},
) {
  const { crontabs, extraEnvs, nodePaths, phpFpmPath, front = true, ...rest } = more
  const state = (told: Readonly<Record<string, Told>>, place: string, index: number) =>
    desire(
      Object.entries(told).map(([name, one]) => ({
        ...installed(name, one, name === 'blog' ? place : `/plugins/${name}`, crontabs?.[index], extraEnvs?.[index]),
        nodePath: nodePaths?.[index],
      })),
      { ...settings, front },
      { ...machine, phpFpmPath },
      (text) => text,
    )
  const settingsOf = ({ blog = '' }: Readonly<Record<string, Told>>) =>
    pluginSettings({ file: 'config.ini', text: typeof blog === 'string' ? blog : blog.app }, [], {})
  return preview({
    plugin: 'blog',
    before: state(before, '/plugins/blog', 0),
    after: state(after, home, 1),
    settings: { before: settingsOf(before), after: settingsOf(after) },
    measured: new Map(),
    freeMemory: undefined,
    problems: [],
    ...rest,
  })
}

function installed(name: string, told: Told, home: string, crontab = '', extraEnv = ''): InstalledPlugin {
  const { app, needs } = typeof told === 'string' ? { app: told, needs: '' } : told
  const general = '[general]\nversion=1.0.0\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  const source = (text: string) => ({ file: `${home}/file`, text })
  const { plugin, problems } = parsePlugin(
    {
      label: source(`plugin_${name}@mfserv\n`),
      configIni: source(`${general}${app}`),
      dependencies: source(needs),
      extraEnv: source(extraEnv),
      crontab: source(crontab),
    },
    { home, present: () => true, text: () => '' },
    {},
  )
  assert.ok(plugin, problems.map(({ message }) => message).join())
  return { plugin, fingerprint: '', directories: new Set(), python3Path: undefined }
}

const settings: DesireSettings = {
  server: { timeoutSeconds: 60, healthLocation: '/__health' } as ServerSettings,
  front: true,
  nginxPaths: {} as DesireSettings['nginxPaths'],
  environment: { common: {}, ofPlugin: () => ({}) },
  startTimeoutMs: 60_000,
}
