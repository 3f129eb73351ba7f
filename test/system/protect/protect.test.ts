import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync, symlinkSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { routesOf } from '../../../src/desired/routes.ts'
import { proveRoutes } from '../../../src/host/nginx/nginx-front.ts'
import { asInstalled } from '../../../src/host/plugins/installed.ts'
import { readPlugin } from '../../../src/host/plugins/read-plugin.ts'
import { ask } from '../nginx/place.ts'
import { GENERAL, openProtected, rawly } from './protected.ts'

const COMMAND = 'type=command\nmain_arg=x {port}\nworkers=1\n'
const PASSWORDS = 'alice:{PLAIN}secret\n'
const ALICE = { Authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` }
const HOSTS = (host: string) => `virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=${host}\n`

const place = await openProtected(
  {
    blog: {
      'config.ini':
        `[app_main]\n${COMMAND}auth_basic_user_file=conf/htpasswd\nprefix_based_routing_extra_routes=/extra\n` +
        `${HOSTS('blog.example.org')}static_max_age=60\n[app_mounted]\n${COMMAND}mount=1\nauth_basic_user_file=conf/htpasswd\n` +
        '[app_php]\ntype=php\nworkers=1\nfront_controller=index.php\nauth_basic_user_file=conf/htpasswd\n',
      'conf/htpasswd': PASSWORDS,
      'main/static/a.txt': 'static\n',
      'mounted/x': '',
      'php/index.php': '',
      'php/style.css': 'css\n',
    },
    near: {
      'config.ini': `[app_main]\ntype=static\nallowed_networks=127.0.0.2, fd00::/8\n${HOSTS('*.near.example.org')}extra_nginx_conf_filename=main.conf\n`,
      'main/index.html': 'near\n',
      'main.conf': 'location /near/told { return 200 told; }\n',
    },
    often: {
      'config.ini':
        `[app_main]\n${COMMAND}rate_limit=2/m\nrate_limit_burst=2\n${HOSTS('often.example.org')}` +
        `[app_long]\n${COMMAND}connection_limit=1\nbuffering=0\n`,
      'main/static/a.txt': 'static\n',
      'long/x': '',
    },
    open: {
      'config.ini':
        `[app_main]\n${COMMAND}gzip=1\nupload_max_body_size=1\ncors_origins=https://a.example.org, https://*.example.net\ncors_methods=GET, PUT\n` +
        `cors_headers=Content-Type\ncors_exposed_headers=X-Total\ncors_credentials=1\nauth_basic_user_file=htpasswd\n` +
        `${HOSTS('open.example.org')}request_header_max_size=64\n`,
      'main/x': '',
      htpasswd: PASSWORDS,
    },
    both: {
      'config.ini': '[app_main]\ntype=static\nallowed_networks=127.0.0.2\nauth_basic_user_file=htpasswd\n',
      'main/index.html': 'both\n',
      htpasswd: PASSWORDS,
    },
    lax: {
      'config.ini': '[app_main]\ntype=static\n',
      'main/x': '',
      'server.conf': 'satisfy any;\nallow all;\n',
    },
    own: {
      'config.ini': '[app_main]\ntype=static\nextra_nginx_conf_filename=conf/main.conf\n',
      'conf/main.conf': 'satisfy all;\nauth_basic "Who?";\nauth_basic_user_file conf/htpasswd;\ninclude conf/more/*.conf;\n',
      'conf/htpasswd': PASSWORDS,
      'conf/more/a.conf': 'add_header X-More included;\n',
      'main/index.html': 'own\n',
    },
  },
  { realIp: { header: 'X-Forwarded-For', recursive: true, from: ['127.0.0.9'] } },
)
after(() => place[Symbol.asyncDispose]())
const { port } = place
const waiting: (() => void)[] = []
await place.backend('blog.main.1.sock', (_request, response) => response.end('app\n'))
await place.backend('blog.mounted.hold.sock', (_request, response) => response.end('held\n'))
await place.backend('often.main.1.sock', (_request, response) => response.end('app\n'))
await place.backend('often.long.1.sock', (_request, response) => {
  response.writeHead(200, { 'Content-Length': 9 })
  response.write('begin')
  waiting.push(() => response.end(' end'))
})
await place.backend('open.main.1.sock', (asked, response) => {
  asked.resume()
  const { method = '' } = asked
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ method, text: 'x'.repeat(2000) }))
})

const WAYS_TO_BLOG = [
  ...['/blog/main', '/blog/main/x', '/blog', '/blog/x', '/extra', '/extra/x'].map((path) => [path, undefined, 'app\n']),
  ...['/blog/static/a.txt', '/blog/main/static/a.txt', '/extra/static/a.txt'].map((path) => [path, undefined, 'static\n']),
  ...['/', '/x'].map((path) => [path, 'main.blog.localhost', 'app\n']),
  ['/static/a.txt', 'BLOG.example.org', 'static\n'],
  // Its worker is not there: the second try.
  ['/blog/mounted/x', undefined, 'held\n'],
  // A file beside scripts, which nginx is led to by a rule of the script's location.
  ['/blog/php/style.css', undefined, 'css\n'],
] as const

test('an app with a password asks for it by every way that leads to it, and to its files', async () => {
  for (const [path, host, body] of WAYS_TO_BLOG) {
    const headers = { Host: host ?? 'localhost' }
    const refused = await ask(port, path ?? '', { headers })
    assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Basic realm="blog"'], `${host} ${path}`)
    const wrong = await ask(port, path ?? '', { headers: { ...headers, Authorization: 'Basic YWxpY2U6eA==' } })
    assert.equal(wrong.status, 401, `${host} ${path}`)
    const answered = await ask(port, path ?? '', { headers: { ...headers, ...ALICE } })
    assert.deepEqual([answered.status, answered.body], [200, body], `${host} ${path}`)
  }
})

test('an app with networks answers nobody else, by whichever way, not even what its fragment would tell everybody', async () => {
  for (const [path, host] of [
    ['/near'],
    ['/near/'],
    ['/near/main/index.html'],
    ['/near/told'],
    ['/near/missing'],
    ['/', 'near.localhost'],
    ['/', 'a.b.near.example.org'],
  ] as const) {
    const headers = { Host: host ?? 'localhost' }
    assert.equal((await ask(port, path, { headers })).status, path === '/near/told' ? 200 : 403, `${host} ${path}`)
    assert.notEqual((await ask(port, path, { headers, from: '127.0.0.2' })).status, 403, `${host} ${path}`)
  }
  const behind = (client: string) => ask(port, '/near/', { from: '127.0.0.9', headers: { 'X-Forwarded-For': client } })
  assert.deepEqual(
    [(await behind('127.0.0.2')).status, (await behind('fd00::1')).status, (await behind('8.8.8.8')).status],
    [200, 200, 403],
  )
  const forged = await ask(port, '/near/', { headers: { 'X-Forwarded-For': '127.0.0.2' } })
  assert.equal(forged.status, 403, 'only a proxy is believed')
})

test('where a password and a network are asked for both have to be right, whatever another plugin says to the whole server', async () => {
  const status = async (from: string, headers = {}) => (await ask(port, '/both/', { from, headers })).status
  assert.deepEqual([await status('127.0.0.1'), await status('127.0.0.1', ALICE)], [403, 403])
  assert.deepEqual([await status('127.0.0.2'), await status('127.0.0.2', ALICE)], [401, 200])
})

test('a client that asks too often gets 429 and how long to wait, whichever way it comes by; others are answered', async () => {
  const statuses: number[] = []
  for (const [path, host] of [['/often'], ['/often/main/static/a.txt'], ['/', 'often.example.org']] as const) {
    statuses.push((await ask(port, path, { headers: { Host: host ?? 'localhost' } })).status)
  }
  assert.deepEqual(statuses, [200, 200, 200])
  for (const [path, host] of [['/often/main'], ['/often/static/a.txt'], ['/static/a.txt', 'often.example.org']] as const) {
    const { status, headers } = await ask(port, path, { headers: { Host: host ?? 'localhost' } })
    assert.deepEqual([status, headers['retry-after'], typeof headers['x-request-id']], [429, '30', 'string'], `${host} ${path}`)
  }
  const other = await ask(port, '/often', { from: '127.0.0.3' })
  assert.deepEqual([other.status, other.headers['retry-after']], [200, undefined])
  const behind = async (client: string) =>
    (await ask(port, '/often', { from: '127.0.0.9', headers: { 'X-Forwarded-For': client } })).status
  const network = [
    '2001:db8::1',
    '2001:db8::2',
    '2001:db8:0:0:ffff::3',
    '2001:db8::4',
    '2001:db8:0:1::1',
    '::ffff:9.9.9.9',
    '::ffff:9.9.9.8',
  ]
  const told: number[] = []
  for (const client of network) told.push(await behind(client))
  assert.deepEqual(told, [200, 200, 200, 429, 200, 200, 200], 'a network of 64 bits is one client')
})

test('what an app streams arrives at once, and a client with too many requests at the same time gets 429', async () => {
  const first = request({ host: '127.0.0.1', port, path: '/often/long', agent: false }).end()
  const [response] = await once(first, 'response')
  const [begin] = await once(response, 'data')
  assert.equal(String(begin), 'begin')
  const second = await ask(port, '/often/long/x')
  assert.deepEqual([second.status, second.headers['retry-after']], [429, '1'])
  const [rest, end] = [once(response, 'data'), once(response, 'end')]
  for (const goOn of waiting.splice(0)) goOn()
  assert.equal(String((await rest)[0]), ' end')
  await end
  const third = request({ host: '127.0.0.1', port, path: '/often/long', agent: false }).end()
  const [again] = await once(third, 'response')
  assert.equal(again.statusCode, 200)
  third.destroy()
})

test('a browser gets leave for the pages that may ask, before it is asked for a password; others get none', async () => {
  const asked = (origin: string, path = '/open/x') =>
    ask(port, path, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'PUT' } })
  for (const origin of ['https://a.example.org', 'https://x.y.example.net']) {
    const { status, headers } = await asked(origin)
    assert.deepEqual(
      [
        status,
        headers['access-control-allow-origin'],
        headers['access-control-allow-methods'],
        headers['access-control-allow-headers'],
      ],
      [204, origin, 'GET, PUT', 'Content-Type'],
    )
    assert.deepEqual([headers['access-control-allow-credentials'], headers.vary], ['true', 'Origin'])
  }
  for (const origin of [
    'https://b.example.org',
    'https://example.net',
    'https://a.example.org.evil.org',
    'http://a.example.org',
    'null',
  ]) {
    const { status, headers } = await asked(origin)
    assert.deepEqual(
      [status, headers['access-control-allow-origin'], headers['access-control-allow-credentials']],
      [204, undefined, undefined],
    )
  }
  const answer = await ask(port, '/open/x', { headers: { Origin: 'https://a.example.org', ...ALICE } })
  const origins = answer.rawHeaders.filter((_value, index) =>
    /^access-control-allow-origin$/i.test(answer.rawHeaders[index - 1] ?? ''),
  )
  assert.deepEqual(
    [answer.status, origins, answer.headers['access-control-expose-headers']],
    [200, ['https://a.example.org'], 'X-Total'],
  )
  assert.equal(answer.headers['access-control-allow-methods'], undefined)
  assert.equal(
    (await ask(port, '/open/x', { method: 'OPTIONS', headers: ALICE })).body.includes('OPTIONS'),
    true,
    'the app answers others',
  )
  const refused = await ask(port, '/open/x', { headers: { Origin: 'https://a.example.org' } })
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, 'https://a.example.org'])
})

test('answers are compressed, bodies and headers bounded, and browsers keep files, where an app says so', async () => {
  const zipped = await ask(port, '/open', { headers: { ...ALICE, 'Accept-Encoding': 'gzip' } })
  assert.deepEqual([zipped.headers['content-encoding'], zipped.headers.vary], ['gzip', 'Accept-Encoding, Origin'])
  const sent = (size: number) => ask(port, '/open', { method: 'POST', headers: ALICE, body: Buffer.alloc(size) })
  assert.deepEqual([(await sent(1 << 20)).status, (await sent((1 << 20) + 1)).status], [200, 413])
  const file = await ask(port, '/blog/static/a.txt', { headers: ALICE })
  assert.equal(file.headers['cache-control'], 'max-age=60')
  const long = (host: string) =>
    rawly(
      port,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${Object.entries(ALICE)[0]?.join(': ')}\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
    )
  // What reaches the app is too long for that too.
  assert.match(await long('open.example.org'), /^HTTP\/1\.1 431 (?!.*Request id)/s)
  assert.match(await long('blog.example.org'), /^HTTP\/1\.1 431 .*Request id/s)
})

test('the files that a fragment names are those of the plugin', async () => {
  assert.equal((await ask(port, '/own/')).status, 401)
  const { status, headers, body } = await ask(port, '/own/', { headers: ALICE })
  assert.deepEqual([status, headers['x-more'], body], [200, 'included', 'own\n'])
})

test('another release brings its own files: it is proved with them before, and has them afterwards', async () => {
  const { paths } = place
  const release = (number: number) => join(paths.runtimeHome, 'releases', String(number))
  const link = join(paths.runtimeHome, 'plugins/current')
  const routes = (number: number) => {
    const { plugin } = readPlugin(release(number), {})
    assert.ok(plugin)
    const all = [asInstalled(plugin, { is: 'installed', at: link })]
    return routesOf(all, { run: paths.run, hostnames: [], timeoutSeconds: 60, reserved: [] }).routes
  }
  for (const number of [1, 2]) {
    place.write(`releases/${number}/.layerapi2_label`, 'plugin_own@mfserv\n')
    place.write(`releases/${number}/config.ini`, `${GENERAL}[app_main]\ntype=static\nextra_nginx_conf_filename=main.conf\n`)
    place.write(`releases/${number}/main.conf`, `auth_basic own;\nauth_basic_user_file passwords;\ninclude more${number}.conf;\n`)
    place.write(`releases/${number}/passwords`, `alice:{PLAIN}secret${number}\n`)
    place.write(`releases/${number}/more${number}.conf`, `add_header X-More ${number};\n`)
    place.write(`releases/${number}/main/index.html`, `${number}\n`)
  }
  const seen = async (number: number) => {
    const basic = Buffer.from(`alice:secret${number}`).toString('base64')
    const { status, headers, body } = await ask(port, '/own/', { headers: { Authorization: `Basic ${basic}` } })
    return [status, headers['x-more'], status === 200 ? body : '']
  }
  symlinkSync(release(1), link)
  await place.publish({ plugins: routes(1) })
  assert.deepEqual(await seen(1), [200, '1', '1\n'])
  assert.deepEqual(await proveRoutes(paths, place.routes({ plugins: routes(2) })), new Map())
  rmSync(link)
  symlinkSync(release(2), link)
  const publication = await place.publish({ plugins: routes(2) })
  assert.deepEqual(
    [publication.is === 'running' && publication.did, await seen(2), await seen(1)],
    ['reloaded', [200, '2', '2\n'], [401, undefined, '']],
  )
})
