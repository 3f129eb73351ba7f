import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { get, newWorld, writeFile } from '../world.ts'
import { blog, makePlugin, paths, shop, sources, world } from './two-plugins.ts'

test('plugins.uninstall of a development link removes the link and never the sources', async () => {
  const { stdout } = await world.must('plugins.uninstall', [join(sources, 'shop/')])
  assert.match(stdout, /^- Uninstalling plugin shop\.\.\. +\[ OK \]\n$/)
  assert.ok(existsSync(join(shop, 'config.ini')))
  assert.deepEqual(readdirSync(paths.plugins), ['blog'])
  const again = await world.run('plugins.uninstall', ['shop'])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /no plugin named "shop" is installed/)
  symlinkSync(shop, join(paths.plugins, 'shop'))
})

test('an installed plugin is not removed from inside its own environment', async () => {
  const { code, stderr } = await world.run('plugin_wrapper', ['blog', 'plugins.uninstall', 'blog'])
  assert.equal(code, 1)
  assert.match(stderr, /works inside the plugin blog/)
  assert.ok(existsSync(blog))
})

test('plugins.uninstall --clean removes an installed plugin with what it kept, its logs and temporary files', async () => {
  for (const name of ['blog', 'shop']) await world.must('plugin_wrapper', [name, '--', 'true'])
  const data = join(paths.data, 'blog')
  assert.ok(existsSync(data))
  appendFileSync(join(blog, 'config.ini'), '\n[extra_daemon_clock]\ncmd_and_args = sleep 60\n')
  const logs = ['app_blog_main.log', 'extra_blog_clock.log', 'cron_blog_0123abcd.log']
  for (const name of [...logs, ...logs.map((log) => `${log}.20260101000000`), 'app_shop_main.log', 'extra_blog_notes_clock.log'])
    writeFile(join(paths.log, name), '')
  mkdirSync(join(paths.tmp, 'blog'), { recursive: true })
  await world.must('plugins.uninstall', ['--clean', 'blog'])
  assert.deepEqual(readdirSync(paths.plugins), ['shop'])
  assert.deepEqual(readdirSync(paths.log).sort(), ['app_shop_main.log', 'extra_blog_notes_clock.log'])
  assert.equal(existsSync(join(paths.tmp, 'blog')), false)
  assert.equal(existsSync(data), false)
  assert.ok(existsSync(join(paths.data, 'shop')))
})

test('a running mfserv drops the routes of a removed plugin and lets its workers finish their requests', async (t) => {
  const running = await newWorld()
  t.after(running.end)
  const plugins = pathsOf(running.home).plugins
  makePlugin(join(plugins, 'pages'), 'pages')
  const home = makePlugin(join(running.home, 'sources/clock'), 'clock', 'type=node\nmain_arg=server.js\nworkers=1')
  writeFileSync(join(home, 'main/server.js'), SLOW_SERVER)
  symlinkSync(home, join(plugins, 'clock'))
  await running.start()
  await running.until('clock is served', (report) => report.plugins.every(({ state }) => state === 'serving'))
  const info = JSON.parse((await running.must('plugins.info', ['clock', '--json'])).stdout)
  assert.deepEqual([info.state, info.apps[0].slots[0].actual], ['serving', 'ready'])

  const slow = get(`${running.url}/clock/slow`)
  await get(`${running.url}/clock/until-slow`)
  await running.must('plugins.uninstall', ['clock'])
  assert.equal((await get(`${running.url}/clock/`)).status, 404)
  writeFileSync(join(home, 'go'), '')
  assert.deepEqual(await slow, { status: 200, body: 'slow' })

  assert.equal((await get(`${running.url}/pages/`)).status, 200)
  await running.must('plugins.uninstall', ['pages'])
  assert.equal((await get(`${running.url}/pages/`)).status, 404)
  assert.deepEqual(readdirSync(plugins), [])
})

/** `/slow` answers once a file `go` is in the plugin; `/until-slow` answers once a `/slow` has come in. */
const SLOW_SERVER = `
const { createServer } = require('node:http')
const { existsSync } = require('node:fs')
let slow
const asked = new Promise((resolve) => { slow = resolve })
const server = createServer((request, answer) => {
  if (request.url.endsWith('/until-slow')) return asked.then(() => answer.end('now'))
  if (!request.url.endsWith('/slow')) return answer.end('clock')
  slow()
  const look = setInterval(() => {
    if (!existsSync('go')) return
    clearInterval(look)
    answer.end('slow')
  }, 5)
})
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`
