import assert from 'node:assert/strict'
import { readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { GENERAL, make, mustMake, writtenPlugin } from '../make-plugin.ts'
import { get, newWorld, type World } from '../world.ts'

/** The lines that the templates wrote for a long time. */
const TEMPLATES_WROTE = '/local\n/src\n/doc\n/docs\n__pycache__\n*.pyc\n.git*\n*.plugin\nMakefile\n'
const SERVER = `const fs = require('fs')
require('http')
  .createServer((_request, response) => response.end([require('./lib'), require('../docs/pages'), fs.readFileSync('places.db')].join(' ')))
  .listen(process.argv[2])
process.once('SIGTERM', () => process.exit(0))
`

let world: World

before(async () => {
  world = await newWorld()
  await world.start()
})
after(() => world.end())

test('what develop served is in the release: it is installed, and answers the same', async () => {
  const home = writtenPlugin(world, 'shop', {
    'config.ini': `${GENERAL}[app_web]\ntype=node\nmain_arg=../src/server.js\nworkers=1\nextra_nginx_conf_filename=doc/extra.conf\n`,
    '.releaseignore': `${TEMPLATES_WROTE}!/places.db\n!/docs\n`,
    '.gitignore': '/node_modules\n/uploads/\ndist\n',
    'src/server.js': SERVER,
    'src/lib.js': "module.exports = 'lib'",
    'docs/pages.js': "module.exports = 'pages'",
    'doc/extra.conf': 'add_header X-Shop yes;\n',
    'places.db': 'places',
    'web/dist/site.css': 'x',
    '.env': 'SECRET=1',
    'visits.sqlite3': 'x',
    'uploads/a.png': 'x',
    'server.log': 'x',
    '.pytest_cache/x': 'x',
  })
  await mustMake(world, home)
  const developed = await get(`${world.url}/shop`)
  assert.deepEqual(developed, { status: 200, body: 'lib pages places' })
  const { stderr } = await mustMake(world, home, 'release')
  const told = stderr.split('\n').filter((line) => /^Left out|^To keep|would leave out/.test(line))
  assert.deepEqual(told, [
    '.releaseignore:2 would leave out src/server.js, which this plugin needs: "/src" is not used for it',
    '.releaseignore:3 would leave out doc/extra.conf, which this plugin needs: "/doc" is not used for it',
    'Left out (it may hold secrets): .env',
    'Left out (data of this machine): visits.sqlite3',
    'Left out (named by .gitignore): uploads/',
    'Left out (logs): server.log',
    'Left out (caches, which are made again): .pytest_cache/',
    'To keep one in the release, add its path to .releaseignore with !/ in front, such as !/data/places.db',
  ])
  await world.must('plugins.uninstall', ['shop'])
  const file = join(home, 'shop-1.0-1.metwork.mfserv.plugin')
  await world.must('plugins.install', [file])
  assert.deepEqual(await get(`${world.url}/shop`), developed)
  const { files }: { readonly files: readonly string[] } = JSON.parse((await world.must('plugins.info', ['--json', file])).stdout)
  assert.ok(files.includes('web/dist/site.css'), 'the usual output of a build')
})

test('a Python package in src is in the release, and so is what a link and a command lead to', async () => {
  const home = writtenPlugin(world, 'pages', {
    'config.ini': `${GENERAL}[app_main]\ntype=python3_sync\nmain_arg=src.wsgi:application\nworkers=1\n[extra_daemon_tick]\ncmd_and_args=sh doc/tick.sh --places=docs/places.json --visits=docs/visits.db /srv/version ../beside .. / ~/own ./doc//tick.sh\nnumprocesses=0\n`,
    '.releaseignore': TEMPLATES_WROTE,
    'src/__init__.py': '',
    'src/wsgi.py': "def application(environ, start_response):\n    start_response('200 OK', [])\n    return [b'pages']\n",
    'doc/tick.sh': 'sleep 1000\n',
    'docs/places.json': 'x',
    'docs/visits.db': 'x',
    '.turbo/shared/a.txt': 'x',
  })
  symlinkSync('.turbo/shared', join(home, 'shared'))
  await mustMake(world, home, 'release')
  const file = join(home, 'pages-1.0-1.metwork.mfserv.plugin')
  const { files }: { readonly files: readonly string[] } = JSON.parse((await world.must('plugins.info', ['--json', file])).stdout)
  for (const path of ['src/wsgi.py', 'doc/tick.sh', 'docs/places.json', '.turbo/shared/a.txt'])
    assert.ok(files.includes(path), path)
  assert.ok(!files.includes('docs/visits.db'))
  await world.must('plugins.install', [file])
  assert.deepEqual(await get(`${world.url}/pages`), { status: 200, body: 'pages' })
})

test('a release that no machine could install is not made, and the line of config.ini is named', async () => {
  const home = writtenPlugin(world, 'broken', {
    'config.ini': `${GENERAL}[app_web]\ntype=node\nmain_arg=../local/server.js\nworkers=1\n`,
    'local/server.js': 'x',
  })
  const { code, stderr } = await make(world, home, 'release')
  assert.notEqual(code, 0)
  assert.match(stderr, /config\.ini:10 .*the release would not run: main_arg needs .*local\/server\.js.*\(RELEASE_INCOMPLETE\)/)
  assert.match(stderr, /Move the file to another directory/)
  assert.deepEqual(
    readdirSync(home).filter((name) => name.includes('.plugin')),
    [],
  )
})
