import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bootstrap, createPlugin, develop, get, newWorld, setKey, type World, writeFile } from '../world.ts'

const ACTS_ON_A_TERMINAL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u

describe('a mistake of one person', () => {
  let world: World
  let good: string

  before(async () => {
    world = await newWorld()
    await world.start()
    good = await createPlugin(world, 'good', 'default')
  })
  after(() => world.end())

  async function goodStillServes(): Promise<void> {
    assert.deepEqual(await get(`${world.url}/good`), { status: 200, body: 'Hello World!' })
  }

  test('an unknown type is refused with file, line, the near name and every other problem', async () => {
    const home = await bootstrap(world, 'typo', 'default')
    setKey(home, 'type', 'python3_synk')
    setKey(home, 'workers', 'many')
    const { code, stderr } = await world.run('_plugins.develop', [], { in: home })
    assert.equal(code, 1)
    assert.match(stderr, /config\.ini:\d+ {2}type is "python3_synk"/)
    assert.match(stderr, /python3_sync/)
    assert.match(stderr, /config\.ini:\d+ {2}workers is "many"/)
    await goodStillServes()
  })

  test('what would act on a terminal is shown by every command, and done by none', async () => {
    const hostile = '\x1b]0;mine\x07\x1b[2J\x9b31m\u202egnp'
    const home = await bootstrap(world, 'loud', 'static')
    setKey(home, 'summary', `loud${hostile}`)
    writeFile(join(home, 'crontab'), `@yearly echo ${hostile}\n`)
    writeFileSync(join(home, 'config.ini'), `${readFileSync(join(home, 'config.ini'), 'utf8')}\n[custom]\nword=${hostile}\n`)
    await develop(world, home)
    await world.must('_plugins.release', [], { in: home })
    const file = join(home, readdirSync(home).find((name) => name.endsWith('.plugin')) ?? '')
    const calls = [
      ['plugins.info', file],
      ['plugins.list'],
      ['mfserv', 'plan', file],
      ['mfserv', 'config', 'show', 'loud'],
      ['mfserv', 'cron', 'list', 'loud'],
      ['mfserv', 'cron', 'run', 'loud', '1'],
      ['plugins.info', hostile],
    ] as const
    let shown = ''
    for (const [command, ...words] of calls) {
      for (const json of [[], ['--json']]) {
        const { stdout, stderr } = await world.run(command, [...words, ...json])
        assert.doesNotMatch(stdout + stderr, ACTS_ON_A_TERMINAL, `${command} ${words.join(' ')} ${json}`)
        shown += json.length === 0 ? stdout + stderr : ''
      }
    }
    assert.ok(shown.includes('loud\\x1b]0;mine\\x07\\x1b[2J\\x9b31m\\u202egnp'), shown)
    await world.must('plugins.uninstall', ['loud'])
  })

  test('an app whose command exits at once fails make develop with its last output', async () => {
    const home = await bootstrap(world, 'dying', 'default')
    setKey(home, 'type', 'command')
    setKey(home, 'main_arg', `sh -c 'echo I have no such bread; exit 7' {unix_socket_path}`)
    const { code, stdout } = await world.run('_plugins.develop', [], { in: home })
    assert.equal(code, 1)
    assert.match(stdout, /exited with code 7/)
    assert.match(stdout, /I have no such bread/)
    await goodStillServes()
    assert.equal((await world.plugin('dying')).state, 'failing')
    await world.must('plugins.uninstall', ['dying'])
  })

  test('a syntax error in config.ini of a served plugin changes nothing but the status, until it is fixed', async () => {
    const file = join(good, 'config.ini')
    const right = readFileSync(file, 'utf8')
    writeFile(file, right.replace('[app_main]', '[app_main\n???'))
    const wrong = await world.until('the mistake is seen', ({ plugins }) => plugins.some(({ state }) => state === 'refused'))
    const problem = wrong.plugins.find(({ name }) => name === 'good')?.problems[0]
    assert.equal(problem?.code, 'INI_SYNTAX')
    assert.ok(problem?.line !== undefined && problem.fix !== '')
    await goodStillServes()
    writeFile(file, right)
    await world.until('it is fixed', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  })

  test('a version that does not start leaves the old one serving, and says why in the status and the log', async () => {
    const file = join(good, 'main/wsgi.py')
    const right = readFileSync(file, 'utf8')
    writeFile(file, `${right}\nraise RuntimeError('no flour left')\n`)
    // The word of the module follows with the end of the round.
    const failing = await world.until(
      'the new version fails',
      ({ status, plugins }) => status === 'DEGRADED' && plugins.some(({ state }) => state === 'failing'),
    )
    const slots = failing.plugins.find(({ name }) => name === 'good')?.apps[0]?.slots ?? []
    assert.ok(slots.some(({ lastRestart }) => lastRestart?.output.includes('no flour left')))
    assert.ok(slots.every(({ pid }) => pid !== null))
    const { code, stdout } = await world.run('mfserv.status')
    assert.equal(code, 2)
    assert.match(stdout, /is DEGRADED at .*\n {2}because {2}plugin good is failing\n/)
    assert.match(stdout, /no flour left/)
    assert.deepEqual(await get(`${world.url}/__health`), { status: 200, body: 'OK\n' })
    assert.equal((await world.run('mfserv.start')).code, 2)
    assert.match(readFileSync(join(world.home, 'log/mfserv.log'), 'utf8'), /no flour left/)
    await goodStillServes()
    writeFile(file, right)
    await world.until('it is fixed', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  })

  test('a plugin name that is not allowed is refused with the rule, and nothing is left behind', async () => {
    for (const name of ['no/slash', 'plugin_x', '__x', 'base', 'a b', 'é']) {
      const { code, stderr } = await world.run('bootstrap_plugin.py', ['create', '--no-input', name], { in: world.home })
      assert.equal(code, 1, name)
      assert.match(stderr, /\(PLUGIN_NAME\)\n {2}\S/, name)
    }
  })

  test('an nginx fragment that nginx refuses puts its plugin in quarantine with nginx’s own words; the others are served', async () => {
    const home = await bootstrap(world, 'broken', 'default')
    writeFile(join(home, 'extra.conf'), 'no_such_directive on;\n')
    setKey(home, 'extra_nginx_conf_filename', 'extra.conf')
    const { code, stdout } = await world.run('_plugins.develop', [], { in: home })
    assert.equal(code, 1)
    assert.match(stdout, /quarantined/)
    assert.match(stdout, /unknown directive "no_such_directive"/)
    await goodStillServes()
    writeFile(join(home, 'extra.conf'), 'add_header X-Fixed yes;\n')
    await world.until('it is fixed', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
    assert.equal((await get(`${world.url}/broken`)).status, 200)
    writeFile(join(home, 'extra.conf'), '# headers\nadd_heder X-Fixed no;\n')
    const again = await world.run('_plugins.develop', [], { in: home })
    assert.equal(again.code, 1)
    assert.match(
      again.stdout,
      /extra\.conf:2 {2}nginx refuses plugin broken: unknown directive "add_heder".*\n.*the last ones that nginx accepted/,
    )
    for (const command of ['_plugins.make', 'plugins.check']) {
      const { code, stdout, stderr } = await world.run(command, command === 'plugins.check' ? [home] : [], { in: home })
      assert.equal(code, 1)
      assert.match(stdout + stderr, /extra\.conf:2 {2}nginx refuses plugin broken/)
    }
    assert.equal((await fetch(`${world.url}/broken`)).headers.get('x-fixed'), 'yes')
    writeFile(join(home, 'extra.conf'), 'add_header X-Fixed "no;\n')
    const open = await world.run('_plugins.make', [], { in: home })
    assert.match(open.stderr, /extra\.conf:1 {2}the nginx fragment of extra_nginx_conf_filename: a quote is not closed/)
    await world.must('plugins.uninstall', ['broken'])
  })

  test('make develop says what is not served, and from where the name was served until now', async () => {
    const home = await bootstrap(world, 'idle', 'default')
    setKey(home, 'workers', '0')
    const idle = await world.must('_plugins.develop', [], { in: home })
    assert.equal(idle.stdout, 'idle runs:\n  app main: workers is 0: not served\n')
    assert.match(
      (await world.must('mfserv.status')).stdout,
      /^idle {2}serving\n {2}main {2}python3_sync {2}workers is 0: not served$/m,
    )
    const copy = join(world.home, 'copy of idle')
    cpSync(home, copy, { recursive: true })
    writeFile(join(copy, 'config.ini'), readFileSync(join(copy, 'config.ini'), 'utf8').replace(/\[app_main\][\s\S]*/, ''))
    const taken = await world.must('_plugins.develop', [], { in: copy })
    assert.equal(taken.stdout, 'idle runs. It has no app.\n')
    assert.ok(taken.stderr.includes(`idle was served from ${home} until now.`), taken.stderr)
    writeFile(join(copy, 'config.ini'), `${readFileSync(join(copy, 'config.ini'), 'utf8')}\n[app_web]\ntype=php\nworkers=1\n`)
    writeFile(join(copy, 'web/info.php'), '<?php phpinfo();')
    const made = await world.must('_plugins.make', [], { in: copy })
    assert.match(
      made.stderr,
      /web\/ has no index\.php: the URL of the app answers 404 {2}\(NOT_SERVED\)\n {2}Create web\/index\.php/,
    )
    await world.must('plugins.uninstall', ['idle'])
  })

  test('mistakes in the configuration of the module are all told, and the one before stays in force', async () => {
    const file = join(world.home, 'config/config.ini')
    const right = readFileSync(file, 'utf8')
    writeFile(file, `${right}timeout = soon\nprot = 1\n`)
    const told = await world.until(
      'the mistakes are seen',
      ({ status, problems }) => status === 'DEGRADED' && problems.length === 2,
    )
    assert.deepEqual(told.problems.map(({ code }) => code).sort(), ['INI_BAD_VALUE', 'INI_UNKNOWN_KEY'])
    assert.equal((await world.run('mfserv.status')).code, 2)
    assert.deepEqual(await get(`${world.url}/__health`), { status: 200, body: 'OK\n' })
    await goodStillServes()
    writeFile(file, right)
    await world.until('they are fixed', ({ problems }) => problems.length === 0)
  })

  test('words that no command knows end with a hint and a code that is not 0', async () => {
    const { code, stderr } = await world.run('mfserv', ['statsu'])
    assert.notEqual(code, 0)
    assert.match(stderr, /status/)
  })
})
