import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, createPlugin, eventually, get, setKey, writeFile } from '../world.ts'
import { make, world } from './started.ts'

/** One command to the Redis of the plugin, and its answer: that of the query, such as `?GET+a`. It connects while it is imported. */
const REDIS = `import os
import socket


def ask(command):
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(os.environ["REDIS_SOCKET_UNIX_SOCKET_PATH"])
        redis.sendall(command.replace("+", " ").encode() + b"\\r\\n")
        return redis.recv(1000)


ask("PING")


def application(environ, start_response):
    answer = ask(environ["QUERY_STRING"] or "PING")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ["VERSION"].encode() + b" " + answer]
`

test('a plugin with redis_service has a Redis of its own, which a hot swap and a restart leave alone', async () => {
  const home = join(world.home, 'counts')
  const version = (number: string): void => {
    writeFile(join(home, 'config.ini'), redisPlugin(number))
    writeFile(join(home, '.layerapi2_extra_env'), `VERSION=${number}\n`)
  }
  writeFile(join(home, '.layerapi2_label'), 'plugin_counts@mfserv\n')
  writeFile(join(home, 'Makefile'), 'include $(MFEXT_HOME)/opt/misc/share/plugin.mk\n')
  writeFile(join(home, 'main/wsgi.py'), REDIS)
  for (const number of ['1.0', '1.1']) {
    version(number)
    const made = await make(home, 'release')
    assert.equal(made.code, 0, made.stdout + made.stderr)
  }
  await world.must('plugins.install', [join(home, 'counts-1.0-1.metwork.mfserv.plugin')])
  const pid = await redisPid()
  const asked = async (query: string) => (await get(`${world.url}/counts?${query}`)).body
  assert.equal(await asked('SET+a+kept'), '1.0 +OK\r\n')
  await world.must('plugins.hotswap', [join(home, 'counts-1.1-1.metwork.mfserv.plugin')])
  assert.equal(await asked('GET+a'), '1.1 $4\r\nkept\r\n')
  await world.must('plugins.restart', ['counts'])
  assert.equal(await asked('GET+a'), '1.1 $4\r\nkept\r\n')
  assert.equal(await redisPid(), pid)
  // As in MFSERV: nothing on the disk, and no more than 512 MB.
  assert.match(await asked('CONFIG+GET+maxmemory'), /536870912/)
  assert.equal(await asked('CONFIG+GET+save'), '1.1 *2\r\n$4\r\nsave\r\n$0\r\n\r\n')
})

test('a Redis that dies is started again, and it ends with its plugin', async () => {
  const pid = await redisPid()
  process.kill(pid, 'SIGKILL')
  await world.until('another Redis is up', ({ plugins }) => {
    const [slot] = plugins.find(({ name }) => name === 'counts')?.daemons[0]?.slots ?? []
    return slot?.pid !== null && slot?.pid !== undefined && slot.pid !== pid
  })
  await eventually('it answers', async () => {
    const { body } = await get(`${world.url}/counts?PING`)
    return body === '1.1 +PONG\r\n' ? true : undefined
  })
  await world.must('plugins.uninstall', ['counts'])
  assert.ok(!existsSync(join(world.home, 'var/redis_plugin_counts.socket')))
})

async function redisPid(): Promise<number> {
  const { plugins } = await world.until('the Redis is up', (report) =>
    report.plugins.some(({ name, daemons }) => name === 'counts' && daemons[0]?.slots[0]?.pid !== null),
  )
  const [daemon] = plugins.find(({ name }) => name === 'counts')?.daemons ?? []
  assert.equal(daemon?.name, 'redis_service')
  return daemon?.slots[0]?.pid ?? assert.fail('no process')
}

function redisPlugin(version: string): string {
  const general = `version=${version}\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\nredis_service=1\n`
  return `[general]\n${general}[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n`
}

test('mediation passes a request on to its backend, changes both ways, and takes no other methods', async () => {
  const body = 'x'.repeat(9 << 20)
  const backend = createServer((request, response) => {
    const seen = `${request.method} ${request.url} ${request.headers['x-mediation']} ${request.headers['x-own']}`
    response.writeHead(request.url === '/away' ? 302 : 203, { Location: '/there', 'X-Seen': seen, 'Content-Type': 'text/x' })
    response.end(request.url?.startsWith('/large') === true ? body : 'small')
  })
  const port = await new Promise<number>((resolve) => {
    backend.listen(0, '127.0.0.1', () => {
      const address = backend.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  try {
    const home = await createPlugin(world, 'between', 'mediation')
    const url = `${world.url}/between`
    assert.equal((await get(`${url}/a`)).status, 502)
    setKey(home, 'workers', '1')
    setKey(home, 'backend', `http://127.0.0.1:${port}/`)
    await eventually('the new backend is asked', async () => ((await get(`${url}/a`)).status === 203 ? true : undefined))
    await world.until(
      'no worker asks the old one',
      ({ plugins }) => plugins.find(({ name }) => name === 'between')?.leaving === 0,
    )
    const answer = await ask(`${url}/large%20one?a=%2F`, { headers: { 'X-Own': 'mine' } })
    const { headers } = answer
    assert.equal(headers.get('X-Seen'), 'GET /large%20one?a=%2F between mine')
    assert.deepEqual([headers.get('X-Mediation'), headers.get('Content-Type')], ['between', 'text/x'])
    assert.equal(await answer.text(), body)
    const moved = await ask(`${url}/away`, { redirect: 'manual' })
    assert.equal(moved.status, 302)
    assert.equal((await ask(url, { method: 'POST', body: 'x' })).status, 405)
    assert.equal((await ask(url)).headers.get('X-Seen'), 'GET / between undefined')
  } finally {
    backend.close()
  }
})

const LUA: Readonly<Record<string, string>> = {
  '.layerapi2_label': 'plugin_oldlua@mfserv\n',
  Makefile: 'include $(MFEXT_HOME)/share/plugin.mk\n',
  'config.ini': `[general]
_version=1.0
_summary=s
_license=l
_url=u
_maintainer=m
_vendor=v
_extra_nginx_server_conf_filename=server.conf
_extra_nginx_init_worker_by_lua_block_filename=init.lua
_add_plugin_dir_to_lua_path=1
`,
  'server.conf':
    'location ~ ^/{{MFSERV_CURRENT_PLUGIN_NAME}} {\n    content_by_lua_block {\n        require("content_by_lua")()\n    }\n}\n',
  'content_by_lua.lua': 'return function() ngx.say("one ", package.loaded.oldlua) end\n',
  'init.lua': `package.loaded.oldlua = "init of {{MFSERV_CURRENT_PLUGIN_NAME}} é \\"quoted\\" ${'x'.repeat(9000)}"\nlocal t = {{1, 2}, {3}}\n`,
}

test('Lua of plugins runs in nginx, an edit of it is served, and an error at the start of one stops no other', async () => {
  const home = join(world.home, 'oldlua')
  for (const [path, text] of Object.entries(LUA)) writeFile(join(home, path), text)
  writeFile(join(home, '.autorestart_includes'), '*.lua\n')
  const made = await make(home, 'develop')
  assert.equal(made.code, 0, made.stdout + made.stderr)
  const url = `${world.url}/oldlua`
  assert.equal((await get(url)).body, `one init of oldlua é "quoted" ${'x'.repeat(9000)}\n`)
  const fresh = await createPlugin(world, 'fresh', 'openresty')
  const hello = await ask(`${world.url}/fresh/any`)
  assert.equal(await hello.text(), `Hello World, this is request_id: ${hello.headers.get('X-Request-Id')}\n`)
  writeFile(join(fresh, 'init_worker_by_lua.lua'), '-- first\nerror("boom")\n')
  await eventually('the error is logged with its line', () =>
    /init_worker_by_lua\.lua:2: boom/.test(readFileSync(join(world.home, 'log/nginx_error.log'), 'utf8')) ? true : undefined,
  )
  writeFile(join(home, 'content_by_lua.lua'), 'return function() ngx.say("two") end\n')
  await eventually('the edit is served', async () => ((await get(url)).body === 'two\n' ? true : undefined))
  assert.equal((await get(`${world.url}/fresh`)).status, 200)
})
