import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ask, type Place } from '../nginx/place.ts'
import { openFront } from './front.ts'

let place: Place

before(async () => {
  place = await openFront({
    // Named like what is hidden: only what is below the directory counts.
    local:
      '[app_node_modules]\ntype=static\ndirectory=.\nvirtualdomain_based_routing=1\n[app_api]\ntype=node\nmain_arg=a.js\nworkers=1\n',
    data: '[app_main]\ntype=static\ndirectory=./\nstatic_extensions=.html, JSON\n',
  })
})
after(() => place[Symbol.asyncDispose]())

const status = async (path: string, host = '127.0.0.1'): Promise<number> =>
  (await ask(place.port, path, { headers: { Host: host, 'Accept-Encoding': 'gzip' } })).status

const SHOWN = [
  ...['index.html', 'style.css', 'js/app.js', 'img/Logo.PNG', 'docs/index.html', 'docs/local/bin/page.html'],
  ...['robots.txt', 'sitemap-1.xml', 'manifest.json', '.well-known/security.txt', 'a b/é.html', 'apidocs/index.html'],
]
const HIDDEN = [
  ...['config.ini', 'Makefile', 'crontab', 'postinstall', '.layerapi2_label', '.layerapi2_dependencies', '.env', '.git/config'],
  ...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'composer.json', 'composer.lock', 'tsconfig.build.json'],
  ...['requirements.txt', 'requirements-to-freeze.txt', 'constraints.txt', 'pyproject.toml', 'uv.lock', 'Dockerfile', 'id_rsa'],
  ...['node_modules/x/index.js', 'a/node_modules/x.js', 'python3_virtualenv_sources/x.js', 'local/x.html', 'bin/x.js'],
  ...[
    'vite.config.js',
    'sub/webpack.config.mjs',
    'Gulpfile.js',
    'main/app.py',
    'index.php',
    'notes.txt',
    'secrets.json',
    'dump.sql',
  ],
  ...['db.sqlite3', 'server.conf', 'blog-1.0-1.metwork.mfserv.plugin', 'api/a.js', 'api/index.html', 'x\ny/node_modules/x.js'],
]

test('an app whose directory is the plugin shows what pages are made of, and nothing of what the plugin is made of', async () => {
  for (const path of [...SHOWN, ...HIDDEN]) place.write(`plugins/local/${path}`, path)
  const found = async (paths: readonly string[], prefix: string, host?: string): Promise<readonly string[]> => {
    const answers = await Promise.all(paths.map((path) => status(`${prefix}${encodeURI(path)}`, host)))
    return paths.filter((_path, index) => answers[index] === 200)
  }
  for (const [prefix, host] of [['/local/node_modules/'], ['/', 'node_modules.local.test']] as const) {
    assert.deepEqual(await found(SHOWN, prefix, host), SHOWN, prefix)
    assert.deepEqual(await found(HIDDEN, prefix, host), [], prefix)
  }
})

test('no spelling of a URL gets at what is hidden', async () => {
  place.write('plugins/local/config.ini', 'secret')
  place.write('plugins/local/dump.sql.gz', gzipSync('secret'))
  place.write('plugins/local/node_modules/x/index.js', 'secret')
  const paths = ['config.ini', 'config%2Eini', './config.ini', '%2e/config.ini', 'docs/../config.ini', 'config.ini?.html']
  const more = ['config.ini/', 'config.ini%00.html', 'config.ini/x.html', 'dump.sql', 'NODE_MODULES/../node_modules/x/index.js']
  for (const path of [...paths, ...more, '/config.ini', 'node_modules//x/index.js', 'node_modules', 'node_modules/']) {
    const answer = await ask(place.port, `/local/node_modules/${path}`, { headers: { 'Accept-Encoding': 'gzip' } })
    assert.ok(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`)
    assert.doesNotMatch(answer.body, /secret/)
  }
})

test('a directory is found with and without its slash', async () => {
  const { port } = place
  assert.equal((await ask(port, '/local/node_modules/')).body, 'index.html')
  assert.equal((await ask(port, '/local/node_modules/docs/')).body, 'docs/index.html')
  for (const path of ['/local/node_modules', '/local/node_modules/docs']) {
    const { status: code, headers } = await ask(port, `${path}?a=1`)
    assert.deepEqual([code, headers.location], [301, `${path}/?a=1`])
  }
})

test('static_extensions says which files are shown instead', async () => {
  for (const file of ['points.json', 'package.json', 'page.html', 'style.css', 'robots.txt'])
    place.write(`plugins/data/${file}`, 'x')
  const answers = ['points.json', 'package.json', 'page.html', 'style.css', 'robots.txt'].map((file) => status(`/data/${file}`))
  assert.deepEqual(await Promise.all(answers), [200, 404, 200, 404, 200])
})
