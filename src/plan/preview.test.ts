import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { desire } from '../desired/desire.ts'
import type { ServerSettings } from '../desired/desired.ts'
import type { Machine } from '../desired/environment.ts'
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

type Told = string | { readonly app: string; readonly needs: string }
type More = Partial<PreviewInput> & { readonly crontabs?: readonly string[]; readonly extraEnvs?: readonly string[] }

/** `home`: where the plugin blog lies afterwards. */
function compare(
  before: Readonly<Record<string, Told>>,
  after: Readonly<Record<string, Told>>,
  home = '/plugins/.releases/blog/2',
  more: More = {},
) {
  const state = (told: Readonly<Record<string, Told>>, place: string, index: number) =>
    desire(
      Object.entries(told).map(([name, one]) =>
        installed(name, one, name === 'blog' ? place : `/plugins/${name}`, more.crontabs?.[index], more.extraEnvs?.[index]),
      ),
      settings,
      machine,
      (text) => text,
    )
  const settingsOf = ({ blog = '' }: Readonly<Record<string, Told>>) =>
    pluginSettings({ file: 'config.ini', text: typeof blog === 'string' ? blog : blog.app }, [], {})
  const { crontabs: _, extraEnvs: __, ...rest } = more
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

const machine: Machine = {
  mfservHome: '/opt/mfserv',
  version: '1.2.3',
  runtimeHome: '/rh',
  run: '/rh/var/run',
  log: '/rh/log',
  tmp: '/rh/tmp',
  user: 'mfserv',
  inherited: {},
  hardware: {},
  nodePath: '/opt/node/bin/node',
  python3Path: '/usr/bin/python3',
  pythonLibrary: '/rh/opt/python',
  pythonLibraries: '/rh/opt/python-{tag}',
  debugPin: () => '1',
  debugKey: () => '2',
  hostname: 'box',
  hostnameFull: 'box.example.org',
}

const settings: DesireSettings = {
  server: { timeoutSeconds: 60, healthLocation: '/__health' } as ServerSettings,
  front: true,
  nginxPaths: {} as DesireSettings['nginxPaths'],
  environment: { common: {}, ofPlugin: () => ({}) },
  startTimeoutMs: 60_000,
}
