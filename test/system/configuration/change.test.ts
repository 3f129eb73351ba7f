import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bootstrap, develop, eventually, get, newWorld, setKey } from '../world.ts'

const world = await newWorld('# ours\n#timeout = 60\n')
after(() => world.end())
const config = join(world.home, 'config/config.ini')
const blog = await bootstrap(world, 'blog', 'node')
setKey(blog, 'workers', '3')
await world.must('mfserv', ['make'], { in: blog })
await develop(world, blog)

const pids = async (): Promise<readonly number[]> =>
  (await world.plugin('blog')).apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))

test('more workers are started beside those there are, and a change of the log level or of nginx replaces nobody', async () => {
  await world.must('mfserv.start')
  const three = await pids()
  assert.equal(three.length, 3)
  setKey(blog, 'workers', '5')
  const five = await eventually('five workers', async () => {
    const now = await pids()
    return now.length === 5 && now.every((pid) => pid > 0) && new Set(now).size === 5 ? now : undefined
  })
  assert.deepEqual(five.slice(0, 3), three)
  const nginx = (await world.status()).nginx.pid
  await world.must('mfserv', ['config', 'set', 'log.minimal_level', 'WARNING'])
  await world.must('mfserv', ['config', 'set', 'nginx.server_tokens', '0'])
  assert.deepEqual([await pids(), (await world.status()).nginx.pid], [five, nginx])
  assert.equal((await fetch(world.url)).headers.get('server'), 'nginx')
})

test('a key that is set counts at once and leaves the rest of the file, and one that cannot be changes nothing', async () => {
  const { stdout } = await world.must('mfserv', ['config', 'set', 'nginx.health_location', '/alive'])
  assert.match(stdout, /The running mfserv has taken it/)
  assert.equal((await get(`${world.url}/alive`)).body, 'OK\n')
  const text = readFileSync(config, 'utf8')
  assert.match(text, /^# ours\n#timeout = 60\n/m)
  const refused = await world.run('mfserv', ['config', 'set', 'nginx.timeout', 'soon'])
  assert.deepEqual([refused.code, readFileSync(config, 'utf8')], [1, text])
  // No directory can be made there.
  const nowhere = await world.run('mfserv', ['config', 'set', 'nginx.clientbody_temp_path', '/proc/nowhere'])
  assert.match(nowhere.stdout, /does not take it/)
  assert.equal((await get(`${world.url}/alive`)).status, 200)
  await world.must('mfserv', ['config', 'set', 'nginx.clientbody_temp_path', 'null'])
  // Right by itself, and the port is another's.
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const taken = typeof address === 'object' && address !== null ? address.port : 0
  const unusable = await world.run('mfserv', ['config', 'set', 'nginx.port', String(taken)])
  assert.match(unusable.stdout, /does not take it, and goes on with what was good last/)
  assert.deepEqual([unusable.code, (await get(`${world.url}/alive`)).status], [1, 200])
  await world.must('mfserv', ['config', 'set', 'nginx.port', String(world.port)])
  other.close()
})

test('an edited file replaces the one in use only when it is right', async () => {
  const before = readFileSync(config, 'utf8')
  const editing = (text: string) => ({ env: { VISUAL: `sed -i ${text}` } })
  const wrong = await world.run('mfserv', ['config', 'edit'], editing('s/workers/wrkers/'))
  assert.deepEqual([wrong.code, readFileSync(config, 'utf8')], [1, before])
  assert.match(wrong.stderr, /config.ini.edited[\s\S]*no key "wrkers"/)
  await world.must('mfserv', ['config', 'edit'], editing('s/alive/well/'))
  assert.equal((await get(`${world.url}/well`)).status, 200)
  assert.match((await world.must('mfserv', ['config', 'edit'], editing('s/nothing/else/'))).stdout, /Nothing was changed/)
})

test('a runtime home without a config.ini gets one that shows every key and sets none', async () => {
  const own = await newWorld()
  try {
    rmSync(join(own.home, 'config/config.ini'))
    mkdirSync(join(own.home, 'site'))
    writeFileSync(join(own.home, 'site/config.ini'), `[nginx]\nport = ${own.port}\nworkers = 1\n`)
    await own.must('mfserv.start')
    assert.match(readFileSync(join(own.home, 'config/config.ini'), 'utf8'), /^#timeout = 60$/m)
    assert.match((await own.must('mfserv', ['config', 'check'])).stdout, /OK/)
  } finally {
    await own.end()
  }
})
