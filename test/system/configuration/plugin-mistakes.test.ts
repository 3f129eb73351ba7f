import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { make, mustBuild, mustMake } from '../make-plugin.ts'
import { bootstrap, eventually, get, IS_SOAK, newWorld, type Ran, type World, writeFile } from '../world.ts'

/** What a developer may get wrong in a plugin that is served. */
interface Mistake {
  readonly what: string
  readonly plugin: 'shop' | 'cafe'
  readonly file: string
  readonly text: (right: string) => string
  /** What `make develop` says: the file with its line, what is wrong, what fixes it. */
  readonly told: readonly RegExp[]
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'a missing main_arg',
    plugin: 'shop',
    file: 'config.ini',
    text: (right) => right.replace(/^main_arg=.*$/m, ''),
    told: [/config\.ini:\d+ {2}\[app_main\] has no main_arg {2}\(INI_MISSING_KEY\)\n {2}Add a line such as main_arg/],
  },
  {
    what: 'a slip in the name of a section',
    plugin: 'shop',
    file: 'config.ini',
    text: (right) => right.replace('[app_main]', '[ap_main]'),
    told: [/config\.ini:\d+ {2}the section \[ap_main\] is not known {2}\(INI_UNKNOWN_SECTION\)\n {2}Did you mean "app_main"\?/],
  },
  {
    what: 'a config.ini that became empty',
    plugin: 'shop',
    file: 'config.ini',
    text: () => '',
    told: [/config\.ini {2}there is no section \[general\]/],
  },
  {
    what: 'a module that needs one that is not installed',
    plugin: 'shop',
    file: 'main/wsgi.py',
    text: () => '\nimport no_such_module\n',
    told: [
      /main\/wsgi\.py", line 2/,
      /"main\.wsgi" needs the module "no_such_module"/,
      /Add its package to python3_virtualenv_sources\/requirements-to-freeze\.txt and run make/,
    ],
  },
  {
    what: 'a module that is no Python',
    plugin: 'shop',
    file: 'main/wsgi.py',
    text: () => 'x = 1\ndef application(:\n',
    told: [
      /main\/wsgi\.py:2 {2}a worker of app main failed: .*\(WORKER_FAILED\)\n {2}Fix what its output tells/,
      /:2: invalid syntax/,
    ],
  },
  {
    what: 'requirements that do not resolve',
    plugin: 'shop',
    file: 'python3_virtualenv_sources/requirements-to-freeze.txt',
    text: () => '# a\nmarkupsafe\nmarkupsafe<0.1\n',
    told: [
      /requirements-to-freeze\.txt:3 /,
      /markupsafe<0\.1/,
      /\(BUILD_FAILED\)\n {2}Correct line 3 of requirements-to-freeze\.txt/,
    ],
  },
  {
    what: 'a package.json that is not JSON',
    plugin: 'cafe',
    file: 'package.json',
    text: () => '{\n  "dependencies": {\n    express: "^5"\n  }\n}\n',
    told: [/package\.json:3 /, /\(BUILD_FAILED\)\n {2}\S/],
  },
  {
    what: 'a crontab line that does not parse',
    plugin: 'shop',
    file: 'crontab',
    text: () => '# jobs\n@daily true\n61 * * * * true\n',
    told: [/crontab:3 {2}the minute is "61" {2}\(CRONTAB_LINE\)\n {2}\S/],
  },
  {
    what: 'a daemon that exits at once',
    plugin: 'shop',
    file: 'bin/oven',
    text: () => '#!/bin/sh\necho no gas today\nexit 3\n',
    told: [
      /config\.ini:\d+ {2}a worker of daemon oven failed: it exited with code 3 {2}\(WORKER_FAILED\)\n {2}Fix/,
      /no gas today/,
    ],
  },
  {
    what: 'a daemon whose program is not there',
    plugin: 'shop',
    file: 'config.ini',
    text: (right) => right.replace('cmd_and_args=oven', 'cmd_and_args=ovn'),
    told: [/config\.ini:\d+ {2}a worker of daemon oven failed: there is no program ovn in bin or on PATH {2}\(WORKER_FAILED\)/],
  },
  {
    what: 'a postinstall that fails',
    plugin: 'shop',
    file: 'postinstall',
    text: () => '#!/bin/bash\nset -e\n\nno_such_program_at_all\n',
    told: [
      /postinstall:4 {2}postinstall failed/,
      /no_such_program_at_all/,
      /\(POSTINSTALL_FAILED\)\n {2}Fix what the message says/,
    ],
  },
]

/** The answer of the template, without Express. */
const CAFE = `require('node:http')
  .createServer((request, response) => response.end('Hello World cafe!'))
  .listen(process.argv[2])
`

/** Only `make` looks at these. */
const BUILT: ReadonlySet<string> = new Set([
  'python3_virtualenv_sources/requirements-to-freeze.txt',
  'package.json',
  'postinstall',
])

describe('a mistake in a plugin that is served', () => {
  let world: World
  const homes = { shop: '', cafe: '' }
  const ANSWERS = { shop: 'Hello World!', cafe: 'Hello World cafe!' }

  before(async () => {
    world = await newWorld()
    await world.start()
    homes.shop = await bootstrap(world, 'shop', 'default')
    writeFile(join(homes.shop, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'markupsafe\n')
    program(join(homes.shop, 'bin/oven'), '#!/bin/sh\nexec sleep 3600\n')
    appendFileSync(join(homes.shop, 'config.ini'), '\n[extra_daemon_oven]\ncmd_and_args=oven\nnumprocesses=1\n')
    homes.cafe = await bootstrap(world, 'cafe', 'node')
    writeFile(join(homes.cafe, 'package.json'), '{"name": "cafe", "private": true}\n')
    writeFile(join(homes.cafe, 'cafe/server.js'), CAFE)
    for (const home of Object.values(homes)) await mustBuild(world, home)
  })
  after(() => world.end())

  test('what a failing plugin lacked is enough to have it tried again: the requirement added, then make', async () => {
    const wsgi = join(homes.shop, 'main/wsgi.py')
    const requirements = join(homes.shop, 'python3_virtualenv_sources/requirements-to-freeze.txt')
    const [right, before] = [readFileSync(wsgi, 'utf8'), readFileSync(requirements, 'utf8')]
    writeFile(wsgi, `import iniconfig\n${right}`)
    await world.until('it fails', ({ plugins }) => plugins.some(({ name, state }) => name === 'shop' && state === 'failing'))
    writeFile(requirements, `${before}iniconfig\n`)
    await mustBuild(world, homes.shop, 'all')
    await world.until('it serves', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
    writeFile(wsgi, right)
    writeFile(requirements, before)
    await mustBuild(world, homes.shop)
  })

  test('a slip in the name of a section is named by status, and the app goes on', async () => {
    const ini = join(homes.shop, 'config.ini')
    const right = readFileSync(ini, 'utf8')
    writeFile(ini, right.replace('[app_main]', '[ap_main]'))
    await world.until('it is told', ({ plugins }) =>
      plugins.some(({ problems }) => problems.some(({ message }) => message.includes('[ap_main] is not known'))),
    )
    const { code, stdout } = await world.run('mfserv.status')
    assert.notEqual(code, 0)
    assert.match(stdout, /the section \[ap_main\] is not known/)
    assert.equal((await get(`${world.url}/shop`)).body, ANSWERS.shop)
    writeFile(ini, right)
    await world.until('all is as before', ({ plugins }) => plugins.every(({ problems }) => problems.length === 0))
  })

  test('a config.ini that is written slowly takes nothing away meanwhile: it counts when it is whole', async () => {
    const ini = join(homes.shop, 'config.ini')
    const right = readFileSync(ini, 'utf8')
    const whole = right.replace('[custom]', '').concat('\n[app_files]\ntype=static\n')
    writeFile(join(homes.shop, 'files/index.html'), 'files\n')
    const [head, tail] = [whole.slice(0, whole.indexOf('[app_main]')), whole.slice(whole.indexOf('[app_main]'))]
    writeFile(ini, head)
    const until = performance.now() + 1500
    while (performance.now() < until) {
      assert.equal((await get(`${world.url}/shop`)).body, ANSWERS.shop)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.equal((await get(`${world.url}/shop`)).body, ANSWERS.shop)
    appendFileSync(ini, tail)
    await eventually('it counts', async () => ((await get(`${world.url}/shop/files/`)).body === 'files\n' ? true : undefined))
    rmSync(join(homes.shop, 'files'), { recursive: true })
    writeFile(ini, right)
    await world.until('all is as before', ({ plugins }) =>
      plugins.every(({ apps, state }) => state === 'serving' && apps.every(({ name }) => name !== 'files')),
    )
  })

  test('an app that needs longer to start than others says so itself; without that, the fix names the key', async () => {
    const [wsgi, ini] = [join(homes.shop, 'main/wsgi.py'), join(homes.shop, 'config.ini')]
    const [right, written] = [readFileSync(wsgi, 'utf8'), readFileSync(ini, 'utf8')]
    writeFile(ini, written.replace('[app_main]', '[app_main]\nstart_timeout=1'))
    writeFile(wsgi, `import time\nprint("loading model from disk...", flush=True)\ntime.sleep(4)\n${right}`)
    const { code, stdout, stderr } = await make(world, homes.shop)
    assert.notEqual(code, 0)
    assert.match(stdout + stderr, /did not answer on its socket within 1 s[\s\S]*write start_timeout = \d+ below \[app_main\]/)
    writeFile(ini, written.replace('[app_main]', '[app_main]\nstart_timeout=60'))
    await mustMake(world, homes.shop)
    assert.equal((await get(`${world.url}/shop`)).body, ANSWERS.shop)
    writeFile(ini, written)
    writeFile(wsgi, right)
    await mustBuild(world, homes.shop)
  })

  for (const [index, { what, plugin, file, text, told }] of MISTAKES.entries()) {
    test(`${what}: told with its place and its fix; the version before serves on; nothing half-built remains`, async () => {
      const path = join(homes[plugin], file)
      const right = existsSync(path) ? readFileSync(path, 'utf8') : undefined
      const before = [namesIn(homes[plugin]), namesIn(join(world.home, 'var/plugins'))]
      try {
        program(path, text(right ?? ''))
        const { code, stdout, stderr } = await (IS_SOAK || index === 0 ? make : madeByCommands)(world, homes[plugin])
        assert.notEqual(code, 0)
        for (const pattern of told) assert.match(stdout + stderr, pattern)
        for (const name of ['shop', 'cafe'] as const) {
          assert.deepEqual(await get(`${world.url}/${name}`), { status: 200, body: ANSWERS[name] })
        }
      } finally {
        if (right === undefined) rmSync(path)
        else writeFile(path, right)
      }
      assert.deepEqual([namesIn(homes[plugin]), namesIn(join(world.home, 'var/plugins'))], before)
      // What the daemon watches is mended by the edit alone.
      if (BUILT.has(file)) await mustBuild(world, homes[plugin])
      await world.until('all is as before', ({ plugins }) =>
        plugins.every(({ state, problems }) => state === 'serving' && problems.length === 0),
      )
    })
  }
})

/** What `make develop` runs, without make: all is said by these commands. */
async function madeByCommands(world: World, home: string): Promise<Ran> {
  const built = await world.run('_plugins.make', ['--plugin-path', home])
  if (built.code !== 0) return built
  return await world.run('_plugins.develop', ['--ignore-already-installed', '--checked', '--plugin-path', home])
}

/** Everything below, but for what Python remembers of its modules. */
function namesIn(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => !/__pycache__|^node_modules\/.*\//.test(name)).sort()
}

function program(path: string, text: string): void {
  writeFile(path, text)
  if (text.startsWith('#!')) chmodSync(path, 0o755)
}
