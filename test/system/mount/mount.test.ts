import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import { ask, eventually, get, newWorld, type World, writeFile } from '../world.ts'
import { filesOf, PLAIN_FILES } from './apps.ts'

const python2 = await findPython2('')

describe('applications that know of no prefix, with mount = 1', () => {
  let world: World
  let said: string
  const url = (path: string): string => `${world.url}/all${path}`
  const virtual = { headers: { 'X-Forwarded-Prefix': '/evil' }, redirect: 'manual' } as const

  before(async () => {
    world = await newWorld()
    await world.start()
    const home = join(world.home, 'all')
    for (const [file, text] of Object.entries(filesOf(python2 !== undefined))) writeFile(join(home, file), text)
    await world.must('mfserv', ['make'], { in: home })
    said = (await world.must('_plugins.develop', [], { in: home })).stdout
  })
  after(() => world.end())

  const answered = async (path: string): Promise<readonly [number, string | null, readonly string[]]> => {
    const answer = await ask(url(path), virtual)
    return [answer.status, answer.headers.get('location'), answer.headers.getSetCookie()]
  }
  const json = async (path: string): Promise<unknown> => (await ask(url(path), virtual)).json()

  test('Flask: a login redirect by url_for, a session of its own, static files, absolute URLs, a redirect written by hand', async () => {
    for (const prefix of ['', '/main']) {
      const [status, location] = await answered(`${prefix}/`)
      assert.deepEqual([status, location], [302, `/all${prefix}/login?next=/`])
      const login = await ask(url(`${prefix}/login?next=/`))
      assert.match(await login.text(), new RegExp(`href="/all${prefix}/static/style.css"`))
      const [session = ''] = login.headers.getSetCookie()
      assert.match(session, new RegExp(`Path=/all${prefix}$`))
      const cookie = session.replace(/;.*/, '')
      const page = (await (await ask(url(`${prefix}/`), { headers: { cookie } })).json()) as Record<string, string>
      const root = `/all${prefix}`
      assert.deepEqual(page, { root, path: '/', url: url(`${prefix}/`), item: url(`${prefix}/item/3/`) })
      const style = await ask(url(`${prefix}/static/style.css`))
      assert.deepEqual([style.status, style.headers.get('cache-control')], [200, 'no-cache'], 'nginx serves it')
      assert.deepEqual((await answered(`${prefix}/item/3`)).slice(0, 2), [308, url(`${prefix}/item/3/`)])
      assert.equal((await answered(`${prefix}/go`))[1], `${root}/item/1/`)
      assert.deepEqual((await answered(prefix)).slice(0, 2), [302, `/all${prefix}/`])
    }
  })

  test('Django: the admin sends to its login page, which finds its static files', async () => {
    const env = { DJANGO_SETTINGS_MODULE: 'dj.settings' }
    await world.must('plugin_wrapper', ['all', '--', 'python3', '-m', 'django', 'collectstatic', '--noinput'], { env })
    assert.deepEqual((await answered('/dj/admin/')).slice(0, 2), [302, '/all/dj/admin/login/?next=/all/dj/admin/'])
    const page = await ask(url('/dj/admin/login/?next=/all/dj/admin/'))
    const [, style = ''] = /href="([^"]+\.css)"/.exec(await page.text()) ?? []
    assert.match(style, /^\/all\/dj\/static\/admin\//)
    assert.equal((await get(`${world.url}${style}`)).status, 200)
    assert.match(page.headers.getSetCookie().join(), /csrftoken=.*Path=\/all\/dj(?:;|$)/)
    assert.deepEqual((await answered('/dj/admin')).slice(0, 2), [301, '/all/dj/admin/'])
  })

  test('FastAPI: documents, its OpenAPI server, redirects, links, encoded slashes and websockets, without a warning', async () => {
    for (const app of ['/api', '/rooted']) {
      const docs = await get(url(`${app}/docs`))
      assert.deepEqual([docs.status, docs.body.includes(`url: '/all${app}/openapi.json'`)], [200, true])
      const { servers } = (await json(`${app}/openapi.json`)) as { servers: unknown }
      assert.deepEqual(servers, [{ url: `/all${app}` }])
      const root = `/all${app}`
      assert.deepEqual(await json(`${app}/`), { root, path: `${root}/`, raw: `${root}/`, url: url(`${app}/`) })
      assert.deepEqual(await json(`${app}/items/a%2Fb//c`), { item: 'a/b//c', link: url(`${app}/items/7`) })
      assert.deepEqual((await answered(`${app}/list?a=b`)).slice(0, 2), [307, url(`${app}/list/?a=b`)])
      assert.deepEqual((await answered(`${app}/go`)).slice(0, 2), [307, url(`${app}/list/`)])
      assert.deepEqual((await answered(`${app}/hard`)).slice(0, 2), [307, `/all${app}/docs`])
      const socket = new WebSocket(`${url(`${app}/ws`).replace('http', 'ws')}`)
      socket.on('open', () => socket.send('hello'))
      const message = await new Promise<string>((resolve, reject) => {
        socket.on('message', (data) => resolve(String(data))).on('error', reject)
      })
      assert.equal(message, `/all${app}/ws hello`)
    }
  })

  test('every WSGI server gives SCRIPT_NAME and PATH_INFO, and the URL as it was asked for', async () => {
    for (const app of ['/told', '/gun', ...(python2 === undefined ? [] : ['/told2', '/gun2'])]) {
      const root = `/all${app}`
      assert.deepEqual(await json(`${app}/a%2Fb//c?d=%2F`), [
        root,
        '/a/b//c',
        'd=%2F',
        ...Array(2).fill(`${root}/a%2Fb//c?d=%2F`),
      ])
      const posted = await ask(url(app), { method: 'POST', body: 'x' })
      assert.deepEqual(((await posted.json()) as string[]).slice(0, 3), [root, '/', ''])
    }
  })

  test('Express, aiohttp and Tornado: redirects and cookies are corrected, and the prefix is told in a header', async () => {
    for (const app of ['/express', '/aio', '/tor']) {
      const [status, location, cookies] = await answered(`${app}/`)
      assert.deepEqual([status, location], [302, `/all${app}/login`], app)
      assert.match(cookies.join(), new RegExp(`; Path=/all${app}$`))
      assert.equal((await get(url(`${app}/login?x=%2F`))).body.includes(`/all${app}`), true)
    }
    assert.deepEqual(await json('/express/login?x=%2F'), ['/login?x=%2F', '/all/express'])
    assert.deepEqual(await json('/aio/login?x=%2F'), ['/login?x=%2F', '/all/aio'])
  })

  test('a program that reads X-Forwarded-Prefix, as Spring does, has its own redirects left as they are', async () => {
    assert.deepEqual((await answered('/cmd/')).slice(0, 2), [302, url('/cmd/login')])
    assert.equal((await get(url('/cmd/a%2Fb?c'))).body, '/a%2Fb?c /all/cmd')
  })

  test('PHP: the prefix in SCRIPT_NAME, with corrected redirects and cookies, and no header that would put it there twice', async () => {
    const cookies = ['seen=1; path=/all/php', 'deep=2; path=/all/php/deep; HttpOnly']
    assert.deepEqual(await answered('/php/'), [302, '/all/php/users/7?x=/', cookies])
    assert.equal((await answered('/php/?made'))[1], '/all/php/users')
    const told = (script: string, uri: string) => [script, uri, uri.split('?')[1], null, false]
    assert.deepEqual(await json('/php/?a=%2F'), told('/all/php/index.php', '/all/php/?a=%2F'))
    assert.deepEqual(await json('/front/x%2Fy?a=%2F'), told('/all/front/index.php', '/all/front/x%2Fy?a=%2F'))
    assert.deepEqual(await json('/front/index.php?b'), told('/all/front/index.php', '/all/front/index.php?b'))
    assert.deepEqual((await answered('/front')).slice(0, 2), [302, '/all/front/'])
    assert.deepEqual((await answered('/php')).slice(0, 2), [302, '/all/php/'])
  })

  test('on a virtual host and at an extra route the app gets the path as it is, and believes no header of a client', async () => {
    const { host } = new URL(world.url)
    const { get: raw } = await import('node:http')
    const at = (name: string, path: string): Promise<[number | undefined, string]> =>
      new Promise((resolve, reject) => {
        const headers = { Host: `${name}:${world.port}`, 'X-Forwarded-Prefix': '/all/api' }
        raw({ host: '127.0.0.1', port: world.port, path, headers, agent: false }, async (answer) => {
          const parts = await answer.toArray()
          resolve([answer.statusCode, answer.headers.location ?? Buffer.concat(parts).toString()])
        }).on('error', reject)
      })
    assert.deepEqual(await at('main.all.localhost', '/'), [302, '/login?next=/'])
    const [, root] = await at('api.all.localhost', '/')
    assert.deepEqual([JSON.parse(root).root, JSON.parse(root).path], ['', '/'])
    assert.equal((await at(host, '/shortcut/'))[0], 404, 'the app has no such route')
  })

  test('make develop tells what each URL answers, and prints those that serve and no others', async () => {
    const home = join(world.home, 'plain')
    for (const [file, text] of Object.entries(PLAIN_FILES)) writeFile(join(home, file), text)
    const { stdout } = await world.must('_plugins.develop', [], { in: home })
    const at = `http://localhost:${world.port}`
    const hint = (app: string): string =>
      `  ${at}/plain/${app}  answers 404: the app gets the path with /plain/${app} in front; mount = 1 changes that`
    const lines = stdout.split('\n').filter((line) => !/http:\/\/host\.plain\.(?!localhost)/.test(line))
    assert.deepEqual(lines.slice(0, 8), [
      'plain answers:',
      hint('web'),
      hint('root'),
      `  ${at}/`,
      `  http://host.plain.localhost:${world.port}/`,
      `  http://www.test:${world.port}/`,
      `  ${at}/plain/slash/`,
      '  app none: no URL leads to it',
    ])
    assert.match(
      stdout,
      /config\.ini:\d+ {2}no URL leads to the app none: .* are both 0\. prefix_\w+ counts only with .*NOT_SERVED/,
    )
    // It is written at the end of a round in which all plugins are told of.
    const links = await eventually('both are linked', async () => {
      const listed = (await (await ask(`${world.url}/__mfserv/plugins.json`)).json()) as { name: string; url: string | null }[]
      return listed.every(({ url }) => url !== null) ? listed.map(({ name, url }) => [name, url]) : undefined
    })
    assert.deepEqual(links, [
      ['all', '/all/'],
      ['plain', '/plain/web'],
    ])
    const ofAll = said.split('\n').filter((line) => line.includes(`${at}/all/`))
    assert.deepEqual(ofAll.slice(0, 3), [`  ${at}/all/`, `  ${at}/all/dj/  answers 404`, `  ${at}/all/api/`])
  })

  test('an app at the route / has every URL that nobody else has', async () => {
    assert.equal((await get(`${world.url}/`)).body, 'front page')
    assert.equal((await get(`${world.url}/nothing`)).status, 404)
    assert.match((await get(`${world.url}/nothing`)).body, /^$/, 'its own 404, not the page of mfserv')
    assert.deepEqual(await get(`${world.url}/__health`), { status: 200, body: 'OK\n' })
    assert.equal((await get(`${world.url}/__mfserv/nothing`)).body.includes('front page'), false)
    assert.equal((await get(url('/cmd/x'))).body, '/x /all/cmd')
  })

  test('the first request after a crash, which waits for a new worker, comes in the same way', async () => {
    const { apps } = await world.plugin('all')
    const pid = apps.find(({ name }) => name === 'told')?.slots[0]?.pid
    assert.ok(typeof pid === 'number')
    process.kill(pid, 'SIGKILL')
    const [root, path] = (await json('/told/a%2Fb')) as readonly string[]
    assert.deepEqual([root, path], ['/all/told', '/a/b'])
  })
})
