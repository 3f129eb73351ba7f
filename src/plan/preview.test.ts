import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, DAEMON, type More, WSGI } from '../../test/support/preview-fixture.ts'
import { Problem } from '../problem.ts'
import { exitCodeOf } from './preview.ts'
import { previewText } from './preview-text.ts'

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

test('a host name that another plugin has already is a conflict with its owner, in whichever case it is written', () => {
  const named = (host: string) => `${WSGI}virtualdomain_based_routing_extra_vhosts=${host}\nvirtualdomain_based_routing=1\n`
  const attic = named('a.example.org')
  const { routes, problems } = compare({ attic }, { attic, blog: named('A.example.org') })
  assert.deepEqual(routes.conflicts, [{ app: 'main', route: 'http://A.example.org', owner: 'attic/main' }])
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ROUTE_CONFLICT'],
  )
})
