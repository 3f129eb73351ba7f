import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PluginReport } from '../../../src/control/protocol.ts'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { readPlugin } from '../../../src/host/plugins/read-plugin.ts'
import { previewUninstall } from '../../../src/operations/check/preview.ts'
import {
  bootstrap,
  develop,
  edit,
  eventually,
  get,
  newWorld,
  type Ran,
  setKey,
  untilNginxIsCalm,
  type World,
  writeFile,
} from '../world.ts'

const BETWEEN_MS = 20
const GREETING = "os.environ.get('MFSERV_CURRENT_PLUGIN_CUSTOM_GREETING', 'nothing')"

describe('an administrator changes how a plugin runs without touching it', () => {
  let world: World
  let site: string
  let blog: string

  before(async () => {
    world = await newWorld()
    site = join(world.home, 'site')
    writeFile(join(site, 'config.ini'), '[nginx]\ntimeout=50\n')
    await run('mfserv.start')
    blog = await plugin('blog')
    await develop(world, blog)
    // An installed plugin is a directory among the others; what is said of a development link holds for it too.
    cpSync(await plugin('shop'), join(pathsOf(world.home).plugins, 'shop'), { recursive: true })
    rmSync(join(world.home, 'shop'), { recursive: true })
    await until('both serve', 'hello', 1)
  })
  after(() => world.end())

  test('both files count at once, by a swap that loses no request, for development links and installed plugins', async () => {
    const daemon = (await world.status()).daemon.pid
    const asking = askAll(['blog', 'shop'])
    for (const name of ['blog', 'shop']) {
      writeFile(userFile(name), '[app_main]\nworkers=2\nmax_age=5000\n[custom]\ngreeting=from the user\n')
      writeFile(siteFile(name), '[custom]\ngreeting=from the site\n')
    }
    await until('two workers say what the site says', 'from the site', 2)
    await untilNginxIsCalm(world)
    const { nginx } = await world.status()
    const before = pidsOf(await world.plugin('shop'))
    writeFile(siteFile('shop'), '[custom]\ngreeting=changed\n')
    await eventually('a variable alone renews the workers', async () => (await body('shop')) === 'changed' || undefined)
    await serves('shop')
    assert.equal((await world.status()).nginx.reloads, nginx.reloads, 'which needs no reload')
    assert.ok(pidsOf(await world.plugin('shop')).every((pid) => !before.includes(pid)))
    for (const name of ['blog', 'shop']) rmSync(siteFile(name))
    await until('a file that is gone counts no more', 'from the user', 2)
    for (const name of ['blog', 'shop']) rmSync(userFile(name))
    await until('the plugins are as they were', 'hello', 1)
    assert.deepEqual(await asking.stop(), [], 'requests that failed')
    assert.equal((await world.status()).daemon.pid, daemon)
  })

  test('a wrong override changes nothing, and the status names file, line and fix until it is right', async () => {
    writeFile(userFile('shop'), '[custom]\ngreeting=good day\n')
    await eventually('the right one counts', async () => (await body('shop')) === 'good day' || undefined)
    await serves('shop')
    const pids = pidsOf(await world.plugin('shop'))
    writeFile(userFile('shop'), '[custom]\ngreeting=never\n[app_main]\nwokers=3\ntype=node\ntimeout=soon\n')
    await world.until('the mistake is seen', ({ plugins }) => plugins.some(({ state }) => state === 'refused'))
    const { stdout } = await run('mfserv.status')
    assert.match(stdout, /shop\.ini:4 {2}\[app_main\] has no key "wokers" {2}\(OVERRIDE_UNKNOWN\)\s+Did you mean "workers"\?/)
    assert.match(stdout, /shop\.ini:5 {2}type of \[app_main\] belongs to the plugin/)
    assert.match(stdout, /shop\.ini:6 {2}timeout is "soon"/)
    assert.deepEqual(pidsOf(await world.plugin('shop')), pids)
    // A connection that nginx has kept may still lead to the worker from before the right one.
    await eventually('it still counts', async () => (await body('shop')) === 'good day' || undefined)
    const check = await run('plugins.check', ['shop'])
    assert.equal(check.code, 1)
    assert.match(check.stdout, /shop\.ini:4 /)
    writeFile(userFile('shop'), '[custom]\ngreeting=fixed\n')
    await eventually('the fixed one counts', async () => (await body('shop')) === 'fixed' || undefined)
    await serves('shop')
    rmSync(userFile('shop'))
    await until('nothing is overridden', 'hello', 1)
  })

  test('config show says of every value where it comes from, and shows no secret', async () => {
    writeFile(userFile('blog'), '[app_main]\ngraceful_timeout=20\n[custom]\ndb_password=hush\n')
    writeFile(siteFile('blog'), '\n[app_main]\nmax_age=5000\n')
    const { stdout } = await must('mfserv', ['config', 'show', 'blog'])
    const line = readFileSync(join(blog, 'config.ini'), 'utf8').split('\n').indexOf('type=python3_sync') + 1
    assert.match(stdout, new RegExp(`\\[app_main\\] +type = +python3_sync +config\\.ini:${line}$`, 'm'))
    assert.match(stdout, /\[app_main\] +graceful_timeout = +20 +config\/plugins\/blog\.ini:2$/m)
    assert.match(stdout, /\[app_main\] +max_age = +5000 +site\/plugins\/blog\.ini:3$/m)
    assert.match(stdout, /\[app_main\] +node_extra_opts = +default$/m)
    assert.match(stdout, /\[custom\] +db_password = +\*\*\* +config\/plugins\/blog\.ini:4$/m)
    const one = JSON.parse((await must('mfserv', ['config', 'show', 'blog', 'app_main.max_age', '--json'])).stdout)
    assert.deepEqual(one.settings, [
      { section: 'app_main', key: 'max_age', value: '5000', layer: 'site', file: siteFile('blog'), line: 3 },
    ])
    assert.match((await must('mfserv', ['config', 'show'])).stdout, /\[nginx\] +timeout = +50 +site\/config\.ini:2$/m)
    for (const file of [userFile('blog'), siteFile('blog')]) rmSync(file)
  })

  test('a preview says what would change, with the memory the workers really have, and changes nothing', async () => {
    const next = join(world.home, 'next')
    cpSync(join(pathsOf(world.home).plugins, 'shop'), next, { recursive: true })
    setKey(next, 'version', '2.0')
    setKey(next, 'workers', '3')
    setKey(next, 'prefix_based_routing_extra_routes', '/blog;/market')
    setKey(next, 'debug', '0')
    const conf = readFileSync(pathsOf(world.home).nginxConf, 'utf8')
    const pids = pidsOf(await world.plugin('shop'))
    const ran = await run('mfserv', ['plan', next, '--json'])
    assert.equal(ran.code, 2, ran.stdout + ran.stderr)
    const plan = JSON.parse(ran.stdout)
    assert.deepEqual([plan.kind, plan.before.version, plan.after.version, plan.nginx], ['replace', '0.0.1', '2.0', 'reload'])
    assert.deepEqual(plan.routes.added, [{ app: 'main', route: '/market' }])
    assert.deepEqual(plan.routes.conflicts, [{ app: 'main', route: '/blog', owner: 'blog/main' }])
    assert.deepEqual(plan.workers, [{ app: 'main', kind: 'app', before: 1, after: 3, change: 'replaced' }])
    const [memory] = plan.memory.apps
    assert.equal(memory.basis, 'measured')
    assert.ok(memory.perWorker > 2e6 && memory.perWorker < 300e6 && plan.memory.free > 0, JSON.stringify(plan.memory))
    assert.match((await run('mfserv', ['plan', next])).stdout, /~ \[app_main\] workers: 1 → 3/)
    setKey(next, 'extra_nginx_conf_filename', 'bad.conf')
    writeFile(join(next, 'bad.conf'), 'no_such_directive;\n')
    const refused = await run('mfserv', ['plan', next])
    assert.equal(refused.code, 1)
    assert.match(refused.stdout, /shop would be refused[\s\S]*no_such_directive/)
    const removal = await previewUninstall('shop', pathsOf(world.home), { ...process.env, MFSERV_SITE_DIRECTORY: site })
    assert.deepEqual([removal.kind, removal.routes.removed.map(({ route }) => route)], ['remove', ['/shop/main', '/shop']])
    assert.equal(readFileSync(pathsOf(world.home).nginxConf, 'utf8'), conf)
    assert.deepEqual(pidsOf(await world.plugin('shop')), pids)
  })

  test('an installed plugin is packed anew with what is overridden, and installs so elsewhere', async () => {
    writeFile(userFile('shop'), '[app_main]\nworkers=2\n[custom]\ngreeting=packed\napi_token=hush\n')
    const out = join(world.home, 'out')
    mkdirSync(out)
    const packed = await world.must('plugins.repackage', ['shop'], { in: out, env: { MFSERV_SITE_DIRECTORY: site } })
    const file = join(out, 'shop-0.0.1-1.metwork.mfserv.plugin')
    assert.equal(
      packed.stdout,
      `CHANGED [app_main] workers: 1 → 2\nCHANGED [custom] greeting: hello → packed\nNEW [custom] api_token: ***\nWritten: ${file}\n`,
    )
    const elsewhere = join(world.home, 'elsewhere')
    await unpackPackage(file, elsewhere, { trust: NO_TRUST })
    const { plugin: read } = readPlugin(elsewhere, {})
    assert.deepEqual([read?.apps[0]?.workers, read?.environment['MFSERV_CURRENT_PLUGIN_CUSTOM_GREETING']], [2, 'packed'])
    const installed = readFileSync(join(pathsOf(world.home).plugins, 'shop/config.ini'), 'utf8')
    assert.match(installed, /^workers=1$/m)
    assert.equal(commentsOf(readFileSync(join(elsewhere, 'config.ini'), 'utf8')), commentsOf(installed))
    const before = readFileSync(file)
    const again = await world.run('plugins.repackage', ['shop'], { in: out })
    assert.deepEqual([again.code, again.stderr.includes(`${file}  there is a file of this name already`)], [1, true])
    assert.ok(before.equals(readFileSync(file)), 'the file may be the one that was signed and installed')
    const undated = await world.run('plugins.repackage', ['shop'], { in: out, env: { SOURCE_DATE_EPOCH: '99999999999999' } })
    assert.equal(undated.code, 1)
    assert.match(undated.stderr, /^SOURCE_DATE_EPOCH is "99999999999999" {2}\(USAGE\)\n {2}Set it to seconds since 1970/)
    const refused = await world.run('plugins.repackage', ['blog'], { in: out })
    assert.deepEqual([refused.code, /development link/.test(refused.stderr)], [1, true])
  })

  function commentsOf(text: string): string {
    return text.replaceAll(/^[^#].*\n?|^\n/gm, '')
  }

  function run(command: string, args: readonly string[] = []): Promise<Ran> {
    return world.run(command, args, { env: { MFSERV_SITE_DIRECTORY: site } })
  }

  function must(command: string, args: readonly string[]): Promise<Ran> {
    return world.must(command, args, { env: { MFSERV_SITE_DIRECTORY: site } })
  }

  /** It answers with a value of its section [custom]. */
  async function plugin(name: string): Promise<string> {
    const home = await bootstrap(world, name, 'default')
    edit(join(home, 'main/wsgi.py'), 'b"Hello World!"', `${GREETING}.encode()`)
    edit(join(home, 'main/wsgi.py'), 'def application', 'import os\n\n\ndef application')
    setKey(home, 'workers', '1')
    writeFile(join(home, 'config.ini'), `${readFileSync(join(home, 'config.ini'), 'utf8')}\n[custom]\ngreeting=hello\n`)
    mkdirSync(join(world.home, 'config/plugins'), { recursive: true })
    await world.must('mfserv', ['make'], { in: home })
    return home
  }

  function userFile(name: string): string {
    return join(world.home, 'config/plugins', `${name}.ini`)
  }

  function siteFile(name: string): string {
    return join(site, 'plugins', `${name}.ini`)
  }

  async function body(name: string): Promise<string> {
    return (await get(`${world.url}/${name}`)).body
  }

  async function serves(name: string): Promise<void> {
    const isOn = ({ name: one, state }: PluginReport): boolean => one === name && state === 'serving'
    await world.until(`${name} serves`, ({ plugins }) => plugins.some(isOn))
  }

  /** Both plugins answer so, with so many workers. */
  async function until(phase: string, greeting: string, workers: number): Promise<void> {
    await eventually(phase, async () => {
      const bodies = await Promise.all(['blog', 'shop'].map(body))
      const { plugins } = await world.status()
      const areThere = plugins.every(
        ({ state, apps }) => state === 'serving' && apps.every(({ slots }) => slots.length === workers),
      )
      return (areThere && bodies.every((one) => one === greeting)) || undefined
    })
  }

  /** Asks one after the other, with a pause that leaves the machine to the swap, until it is stopped; answers what was not 200. */
  function askAll(names: readonly string[]) {
    let isOver = false
    const failures: string[] = []
    const asking = names.map(async (name) => {
      while (!isOver) {
        const { status, body: text } = await get(`${world.url}/${name}`)
        if (status !== 200) failures.push(`${name}: ${status} ${text.slice(0, 100)}`)
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
      }
    })
    return {
      stop: async () => {
        isOver = true
        await Promise.all(asking)
        return failures
      },
    }
  }

  function pidsOf({ apps }: PluginReport): readonly (number | null)[] {
    return apps.flatMap(({ slots }) => slots.map(({ pid }) => pid))
  }
})
