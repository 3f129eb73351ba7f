import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NginxReport } from './protocol.ts'
import { answersData, answersText, reachable } from './reachable.ts'

const running: NginxReport = { pid: 7, state: 'running', reloads: 0, problem: undefined }
const stopped: NginxReport = { ...running, pid: null, state: 'stopped' }
const taken = { code: 'PORT_IN_USE', message: 'port 80 is taken', fix: 'Choose another.', file: undefined, line: undefined }
const url = 'http://localhost:80'
const served = { url: `${url}/blog`, prefix: '/blog', canMount: true }
const apps = [{ name: 'main', type: 'node', url: served.url, urls: [served], socket: '/run/blog.main.1.sock', isServed: true }]

test('a URL is promised only while nginx serves it, and otherwise the reason is told with its fix', () => {
  const said = (nginx: NginxReport, at: string | undefined = url) => answersText('blog', apps, reachable({ url: at, nginx }))
  assert.equal(said(running), 'blog answers:\n  http://localhost:80/blog')
  assert.equal(
    said({ ...stopped, problem: taken }),
    'blog runs, but nginx does not serve it:\n  port 80 is taken  (PORT_IN_USE)\n    Choose another.',
  )
  assert.match(said({ ...running, problem: taken }), /nginx does not serve it/)
  assert.match(said(stopped), /nginx does not run {2}\(NGINX_DOWN\)/)
  assert.equal(
    said({ ...stopped, state: 'off' }),
    'blog runs, but it has no URL. nginx is off: [nginx] flag = 0\nIt answers on:\n  /run/blog.main.1.sock',
  )
  assert.equal(answersText('clock', [], reachable({ url, nginx: stopped })), 'clock runs. It has no app.')
  assert.match(answersText('blog', apps, reachable({ url: undefined, nginx: running })), /no URL.*listens on no port/)
})

test('a daemon from before an update tells one URL of each app, and that one is told', () => {
  const { urls: _, ...before } = apps[0] ?? assert.fail()
  const answers = new Map([[served.url, { status: 404, hasSlash: false }]])
  assert.equal(answersText('blog', [before], { is: 'served' }, answers), 'blog answers:\n  http://localhost:80/blog  answers 404')
})

test('each URL is told with what it answered, and why a page is missing', () => {
  const other = (prefix: string, canMount: boolean) => ({ url: `${url}${prefix}`, prefix, canMount })
  const urls = [
    served,
    other('/slash', true),
    other('/page', true),
    other('/late', true),
    other('/maps', false),
    { ...other('/php', false), canHaveFront: true as const },
    other('/ill', true),
  ]
  const root = { url: `${url}/`, prefix: '', canMount: false }
  const web = { name: 'web', type: 'node', url: '', socket: undefined, isServed: true }
  const answers = new Map([
    [`${url}/blog`, { status: 404, hasSlash: false }],
    [`${url}/slash`, { status: 404, hasSlash: true }],
    [`${url}/page`, { status: 200, hasSlash: true }],
    [`${url}/late`, undefined],
    [`${url}/maps`, { status: 404, hasSlash: false }],
    [`${url}/php`, { status: 404, hasSlash: false }],
    [`${url}/ill`, { status: 500, hasSlash: false }],
    [`${url}/`, { status: 404, hasSlash: false }],
  ])
  const all = [
    { ...web, urls: [...urls, root] },
    { ...web, name: 'none', urls: [] },
    { ...web, name: 'idle', urls: [served], isServed: false },
  ]
  assert.equal(
    answersText('blog', all, { is: 'served' }, answers),
    `blog answers:
  http://localhost:80/blog  answers 404: the app gets the path with /blog in front; mount = 1 changes that
  http://localhost:80/slash/  answers 404: the app gets the path with /slash in front; mount = 1 changes that
  http://localhost:80/page/
  http://localhost:80/late  gives no answer within 3 s
  http://localhost:80/maps  answers 404: the app gets the path with /maps in front
  http://localhost:80/php  answers 404: the app gets the path with /php in front; with front_controller = index.php that script answers every URL
  http://localhost:80/ill  answers 500
  http://localhost:80/  answers 404
  app none: no URL leads to it
  app idle: workers is 0: not served`,
  )
  assert.deepEqual(answersData(answers), {
    [`${url}/blog`]: 404,
    [`${url}/slash`]: 404,
    [`${url}/page`]: 200,
    [`${url}/late`]: null,
    [`${url}/maps`]: 404,
    [`${url}/php`]: 404,
    [`${url}/ill`]: 500,
    [`${url}/`]: 404,
  })
})
