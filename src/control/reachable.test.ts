import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NginxReport } from './protocol.ts'
import { answersText, reachable } from './reachable.ts'

const running: NginxReport = { pid: 7, state: 'running', reloads: 0, problem: undefined }
const stopped: NginxReport = { ...running, pid: null, state: 'stopped' }
const taken = { code: 'PORT_IN_USE', message: 'port 80 is taken', fix: 'Choose another.', file: undefined, line: undefined }
const url = 'http://localhost:80'
const apps = [{ name: 'main', url: `${url}/blog`, socket: '/run/blog.main.1.sock', isServed: true }]

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
