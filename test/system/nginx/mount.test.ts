import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { type Answer, ask, openPlace, type Place } from './place.ts'

const HOME = '/HOME'
const mounted = (plugin: string) => ({
  app: 'main',
  prefixes: [`/${plugin}/main`, `/${plugin}`, `/more-${plugin}`],
  mounted: [`/${plugin}/main`, `/${plugin}`],
  hosts: [`${plugin}.test`],
  sockets: [`${HOME}/echo.sock`],
})

const routes: RoutesCase = {
  plugins: [
    { plugin: 'blog', apps: [mounted('blog')] },
    { plugin: 'Caps', apps: [mounted('Caps')] },
    { plugin: 'plain', apps: [{ app: 'main', prefixes: ['/plain'], sockets: [`${HOME}/echo.sock`] }] },
    { plugin: 'held', apps: [{ ...mounted('held'), sockets: [`${HOME}/gone.sock`], holdSocket: `${HOME}/echo.sock` }] },
    {
      plugin: 'own',
      apps: [
        {
          ...mounted('own'),
          appFragment:
            'proxy_set_header X-Real-IP hidden;\nproxy_redirect off;\nif ($arg_secret = "") { return 403; }\nlocation /own/raw/ { proxy_pass http://own.main; }\n',
        },
      ],
    },
  ],
}

let place: Place
let port: number

before(async () => {
  place = await openPlace()
  port = place.port
  const echo = await place.backend('echo.sock', (request, response) => {
    const headers = new URLSearchParams(request.url?.split('?')[1]).get('answer')
    request.resume().on('end', () => {
      response.writeHead(200, headers === null ? {} : JSON.parse(headers))
      response.end(JSON.stringify(seen(request)))
    })
  })
  new WebSocketServer({ server: echo }).on('connection', (socket, request) => socket.send(JSON.stringify(seen(request))))
  await place.publish(served())
})
after(() => place[Symbol.asyncDispose]())

/** The routes, with the sockets where they are. */
function served(): RoutesCase {
  return JSON.parse(JSON.stringify(routes).replaceAll(HOME, place.paths.runtimeHome)) as RoutesCase
}

interface Seen {
  readonly url: string
  readonly method: string
  readonly prefix: string | null
}

function seen({ url = '', method = '', headers }: IncomingMessage): Seen {
  const prefix = headers['x-forwarded-prefix']
  return { url, method, prefix: typeof prefix === 'string' ? prefix : null }
}

function got({ body }: Answer): Seen {
  return JSON.parse(body) as Seen
}

const get = (url: string, prefix: string | null): Seen => ({ url, method: 'GET', prefix })

test('below each own prefix the app gets the path without it, byte for byte as the client wrote it', async () => {
  const paths = ['/', '/a', '/a/', '/a?b=/blog/c&d=%2F', '/?x', '/a%2Fb', '/%2F', '//', '//a//b', '/a%20b', '/blog/x', '/a.b/..c']
  for (const path of [
    ...paths,
    '/%C3%A9?%C3%A9',
    '/a+b;c=d:e@f',
    '/a%25b',
    '/a%3Fb?c?d',
    "/it's(1)",
    '/..a/.b/c..',
    '/a?../..',
  ]) {
    for (const prefix of ['/blog', '/blog/main', '/held', '/held/main', '/Caps']) {
      assert.deepEqual(got(await ask(port, `${prefix}${path}`)), get(path, prefix), `${prefix}${path}`)
    }
  }
})

test('on a virtual host and at an extra route the path is left as it is, and there is no prefix', async () => {
  for (const path of ['/', '/a%2Fb?c', '/blog/x', '//a']) {
    assert.deepEqual(got(await ask(port, path, { headers: { Host: 'blog.test' } })), get(path, null))
    assert.deepEqual(got(await ask(port, `/more-blog${path}`)), get(`/more-blog${path}`, null))
    assert.deepEqual(got(await ask(port, path, { headers: { Host: 'held.test' } })), get(path, null))
    assert.deepEqual(got(await ask(port, `/more-held${path}`)), get(`/more-held${path}`, null))
  }
})

test('whatever a client writes into the header, the app hears the prefix that nginx cut off, or none', async () => {
  const headers = { 'X-Forwarded-Prefix': '/evil' }
  for (const plugin of ['blog', 'held']) {
    assert.equal(got(await ask(port, `/${plugin}/a`, { headers })).prefix, `/${plugin}`)
    assert.equal(got(await ask(port, `/more-${plugin}/a`, { headers })).prefix, null)
    assert.equal(got(await ask(port, '/a', { headers: { ...headers, Host: `${plugin}.test` } })).prefix, null)
  }
  assert.equal(got(await ask(port, '/own/a?secret=1', { headers })).prefix, '/own')
  assert.deepEqual(
    got(await ask(port, '/own/raw/a', { headers })),
    get('/own/raw/a', null),
    'a location of the plugin itself cuts nothing',
  )
  assert.deepEqual(got(await ask(port, '/plain/a', { headers })), get('/plain/a', '/evil'), 'other apps get what they always got')
})

test('where the prefix cannot be cut from what the client wrote, the app gets the path that nginx chose the location by', async () => {
  const cases: readonly (readonly [asked: string, url: string])[] = [
    ['//blog/x', '/x'],
    ['/blog//main/x?y=%2F', '/x?y=%2F'],
    ['/%62log/x%20y', '/x%20y'],
    ['/blog%2Fx', '/x'],
    ['/blog/./x', '/x'],
    ['/blog/a/../b?c', '/b?c'],
    ['/blog/../blog/x', '/x'],
    ['/plain/../blog/x', '/x'],
    ['/plain%2F..%2fblog/x', '/x'],
    ['/blog/a/%2e%2E/b', '/b'],
    ['/blog/a/..', '/'],
    ['/blog/a%2F..%2Fb', '/b'],
    ['/blog/x/../%0D%0AEvil:%201', '/%0D%0AEvil:%201'],
    ['/blog/x/../a%3Fb%25', '/a%3Fb%25'],
  ]
  for (const [asked, url] of cases) {
    const prefix = asked.includes('main') ? '/blog/main' : '/blog'
    assert.deepEqual(got(await ask(port, asked)), get(url, prefix), asked)
    const held = asked.replaceAll('blog', 'held').replaceAll('%62log', '%68eld')
    assert.deepEqual(got(await ask(port, held)), get(url, prefix.replace('blog', 'held')), held)
  }
  assert.equal(got(await ask(port, '/blog/../plain/x')).url, '/blog/../plain/x', 'this was never an URL of the app')
})

test('no URL of any shape reaches the app as one that leaves it', async () => {
  const parts = ['/', '//', '.', '..', '%2e', '%2E', '%2f', '%2F', 'a', 'blog', 'main', '%20', '%00', '?', '%3F', '%5c', '#']
  let number = 7
  const next = (below: number): number => {
    number = (number * 48_271) % 2_147_483_647
    return number % below
  }
  let arrived = 0
  for (let round = 0; round < 400; round += 1) {
    const path = Array.from({ length: 1 + next(8) }, () => parts[next(parts.length)]).join('')
    const asked = `/blog${next(3) === 0 ? '' : '/'}${path}`
    const answer = await ask(port, asked)
    if (answer.status !== 200) continue
    const { url, prefix } = got(answer)
    arrived += prefix === null ? 0 : 1
    let [depth, lowest] = [0, 0]
    for (const segment of decodeURIComponent(url.replace(/[?#].*/, '')).split('/')) {
      depth += segment === '..' ? -1 : segment === '' || segment === '.' ? 0 : 1
      lowest = Math.min(lowest, depth)
    }
    assert.ok(url.startsWith('/') && lowest === 0, `${asked} arrived as ${url}`)
  }
  assert.ok(arrived > 100, `${arrived} arrived`)
})

test('a page at the prefix itself is sent to the URL with the slash; any other request goes to the app as /', async () => {
  for (const prefix of ['/blog', '/blog/main', '/held']) {
    for (const query of ['', '?a=%2F&b']) {
      const page = await ask(port, `${prefix}${query}`)
      assert.deepEqual([page.status, page.headers.location], [302, `${prefix}/${query}`])
      const posted = await ask(port, `${prefix}${query}`, { method: 'POST' })
      assert.deepEqual(got(posted), { url: `/${query}`, method: 'POST', prefix })
    }
  }
  assert.deepEqual(got(await ask(port, '/%62log', { method: 'PUT' })), { url: '/', method: 'PUT', prefix: '/blog' })
  assert.equal((await ask(port, '/%62log')).headers.location, '/blog/')
  assert.deepEqual(got(await ask(port, '/more-blog')), get('/more-blog', null))
  assert.equal((await ask(port, '/own')).status, 403, 'what the fragment forbids is forbidden first')
  assert.equal((await ask(port, '/own/./x')).status, 403)
})

test('where the app sends a browser is corrected, unless it has the prefix or is elsewhere', async () => {
  const host = `127.0.0.1:${port}`
  const cases: readonly (readonly [location: string, seen: string])[] = [
    ['/login?next=/', '/blog/login?next=/'],
    ['/', '/blog/'],
    ['/blog/login', '/blog/login'],
    ['/blog', '/blog'],
    ['/blog?x', '/blog?x'],
    ['/blogs', '/blog/blogs'],
    ['login', 'login'],
    ['?x', '?x'],
    ['//elsewhere.test/x', '//elsewhere.test/x'],
    ['http://elsewhere.test/x', 'http://elsewhere.test/x'],
    [`http://${host}/x`, `http://${host}/blog/x`],
    [`https://${host}/x?y`, `https://${host}/blog/x?y`],
    [`http://${host}`, `http://${host}/blog`],
    [`http://${host}/blog/x`, `http://${host}/blog/x`],
    [`//${host}/x`, `//${host}/blog/x`],
    ['http://www.test/x', 'http://www.test/blog/x'],
    ['http://www.test.evil/x', 'http://www.test.evil/x'],
  ]
  for (const [location, expected] of cases) {
    const headers = { Host: host, 'X-Forwarded-Host': 'www.test' }
    const answer = JSON.stringify({ Location: location, Refresh: `3;url=${location}` })
    const { headers: sent } = await ask(port, `/blog/go?answer=${encodeURIComponent(answer)}`, { headers })
    assert.deepEqual([sent.location, sent['refresh']], [expected, `3;url=${expected}`], location)
    const virtual = await ask(port, `/go?answer=${encodeURIComponent(answer)}`, { headers: { Host: 'blog.test' } })
    assert.equal(virtual.headers.location, location, 'on a virtual host it is left as it is')
  }
  const off = await ask(port, `/own/?secret=1&answer=${encodeURIComponent('{"Location":"/x"}')}`)
  assert.equal(off.headers.location, '/x', 'a fragment may say otherwise')
})

test('the cookies of an app are its own: each path gets the prefix, unless it has it', async () => {
  const cookies = [
    'a=/; Path=/',
    'b=2; Path=/admin; HttpOnly',
    'c=3; path=/blog/x',
    'd=4',
    'e=5; Path=/blog; Secure',
    'f=6; Path=/blogs',
  ]
  const answer = encodeURIComponent(JSON.stringify({ 'Set-Cookie': cookies }))
  const expected = [
    'a=/; Path=/blog',
    'b=2; Path=/blog/admin; HttpOnly',
    'c=3; path=/blog/x',
    'd=4',
    'e=5; Path=/blog; Secure',
    'f=6; Path=/blog/blogs',
  ]
  assert.deepEqual((await ask(port, `/blog/?answer=${answer}`)).headers['set-cookie'], expected)
  assert.deepEqual((await ask(port, `/?answer=${answer}`, { headers: { Host: 'blog.test' } })).headers['set-cookie'], cookies)
})

test('a websocket opens below the prefix and at the prefix itself', async () => {
  for (const [path, url] of [
    ['/blog/chat?a', '/chat?a'],
    ['/blog/main/', '/'],
    ['/blog', '/'],
    ['/held/x', '/x'],
  ] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    const message = await new Promise<string>((resolve, reject) => {
      socket.on('message', (data) => resolve(String(data))).on('error', reject)
    })
    socket.close()
    assert.deepEqual(
      [(JSON.parse(message) as Seen).url, (JSON.parse(message) as Seen).prefix],
      [url, /^\/\w+(?:\/main)?/.exec(path)?.[0]],
    )
  }
})

test('a fragment that makes another path than mount is refused, with its line and what to do', async () => {
  const text =
    '# mine\nrewrite ^ /x;\nif ($arg_a) {\n  rewrite ^ /y;\n}\nif ($arg_b) { return 404; }\nlocation /blog/z/ { rewrite ^ /z; }\n'
  const app = { ...mounted('blog'), appFragment: text, appFile: '/blog/app.conf' }
  const publication = await place.front.publish(place.routes({ plugins: [{ plugin: 'blog', apps: [app] }] }))
  assert.ok(publication.is === 'running')
  const [problem] = [...publication.quarantined.values()]
  assert.match(problem?.message ?? '', /has "rewrite", but mount = 1/)
  await place.publish(served())
})
