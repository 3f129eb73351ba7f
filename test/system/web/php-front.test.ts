import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, realpathSync, renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Answer, ask } from '../nginx/place.ts'
import { releaseSources } from '../releases/make-release.ts'
import { bootstrap, develop, eventually, newWorld, setKey, type World, writeFile } from '../world.ts'

/** Says what PHP was told about a request. */
const TELL = `<?php
$names = ['REQUEST_URI', 'SCRIPT_NAME', 'PATH_INFO', 'SCRIPT_FILENAME', 'DOCUMENT_ROOT', 'QUERY_STRING', 'REQUEST_METHOD', 'PHP_SELF', 'HTTPS'];
echo json_encode(array_intersect_key($_SERVER, array_flip($names)) + ['post' => $_POST], JSON_UNESCAPED_SLASHES);
`
/** How Symfony, and Laravel and Drupal with it, find the path below the script, in short. */
const FRAMEWORK = `<?php
[$path] = explode('?', $_SERVER['REQUEST_URI']);
$base = $_SERVER['SCRIPT_NAME'];
if (!str_starts_with($path, $base)) $base = rtrim(dirname($base), '/');
if (str_contains($_SERVER['QUERY_STRING'], 'tell')) require __DIR__ . '/tell.php';
else echo $base, '|', rawurldecode(substr($path, strlen($base))) ?: '/', '|', $_GET['q'] ?? '', '|1.0';
`

/** Beside an app whose directory is that of the plugin. */
const CODE = ['vendor/eval.php', 'a/node_modules/x.php', 'bin/x.php', '.hidden/x.php', 'main/tell.php']

let world: World
let home: string

before(async () => {
  world = await newWorld('real_ip = 1\nreal_ip_set_from = 127.0.0.1\n[releases]\nwatch_seconds = 0\n')
  await world.start()
  home = await bootstrap(world, 'pfc', 'php')
  appendFileSync(join(home, 'config.ini'), '\nfront_controller = index.php\nstart_timeout = 60\n')
  setKey(home, 'virtualdomain_based_routing', '1')
  setKey(home, 'workers', '1')
  const files = {
    'index.php': FRAMEWORK,
    'tell.php': TELL,
    'other.php': "<?php echo 'other ', $_SERVER['PATH_INFO'] ?? 'none';",
    'blog/index.php': "<?php echo 'blog ', $_SERVER['SCRIPT_NAME'];",
    'style.css': 'body {}',
    'a b/é+c%20.css': 'i {}',
    'img/logo.svg': '<svg/>',
    'robots.txt': 'User-agent: *',
    '.env': 'SECRET',
    '.git/config': 'SECRET',
    'composer.json': 'SECRET',
    'settings.ini': 'SECRET',
    'page.html': 'SECRET',
    'index.php.bak': 'SECRET',
    'upper.PHP': 'SECRET',
    'node_modules/x.js': 'SECRET',
    'vendor/eval.php': "<?php echo 'SECRET';",
    '.hidden/x.php': "<?php echo 'SECRET';",
  }
  for (const file of ['index.php', 'tool.php', ...CODE]) writeFile(join(home, file), `<?php echo 'script ${file}';`)
  for (const [file, text] of Object.entries(files)) writeFile(join(home, 'main', file), text)
  appendFileSync(join(home, 'config.ini'), '[app_root]\ntype = php\nworkers = 1\ndirectory = .\n')
  await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
})
after(() => world.end())

const from = (path: string, host = '127.0.0.1'): Promise<Answer> => ask(world.port, path, { headers: { Host: host } })
async function body(path: string, host?: string): Promise<string> {
  const answer = await from(path, host)
  assert.equal(answer.status, 200, `${path}: ${answer.body}`)
  return answer.body
}
async function told(path: string, options: Parameters<typeof ask>[2] = {}): Promise<Record<string, unknown>> {
  return JSON.parse((await ask(world.port, path, options)).body) as Record<string, unknown>
}

test('every URL that is no file reaches the front controller, below the prefix and on the virtual host', async () => {
  for (const [prefix, host] of [['/pfc'], ['/pfc/main'], ['', 'pfc.localhost']] as const) {
    assert.equal(await body(`${prefix}/`, host), `${prefix}|/||1.0`)
    assert.equal(await body(`${prefix}/users/7?q=a%26b`, host), `${prefix}|/users/7|a&b|1.0`)
    assert.equal(await body(`${prefix}/2024/%C3%A9t%C3%A9/`, host), `${prefix}|/2024/été/||1.0`)
    assert.equal(await body(`${prefix}/none.php`, host), `${prefix}|/none.php||1.0`)
    assert.equal(await body(`${prefix}/missing.css`, host), `${prefix}|/missing.css||1.0`)
    assert.equal(await body(`${prefix}/img/`, host), `${prefix}|/img/||1.0`)
    assert.equal(await body(`${prefix}/index.php/more?q=1`, host), `${prefix}/index.php|/more|1|1.0`)
  }
  assert.equal(await body('/pfc'), '/pfc|/||1.0')
})

test('PHP is told of script, path and query as a web server made for it does', async () => {
  const root = realpathSync(join(home, 'main'))
  const common = {
    SCRIPT_FILENAME: `${root}/index.php`,
    DOCUMENT_ROOT: root,
    SCRIPT_NAME: '/pfc/index.php',
    REQUEST_METHOD: 'GET',
    PHP_SELF: '/pfc/index.php',
  }
  const tells = (uri: string, more: object): object => ({
    ...common,
    REQUEST_URI: uri,
    QUERY_STRING: 'tell=1',
    post: [],
    ...more,
  })
  assert.deepEqual(await told('/pfc/a%20b/7?tell=1'), tells('/pfc/a%20b/7?tell=1', { PATH_INFO: '/a b/7' }))
  assert.deepEqual(await told('/pfc/?tell=1'), tells('/pfc/?tell=1', {}))
  assert.deepEqual(await told('/pfc?tell=1'), tells('/pfc?tell=1', {}))
  assert.deepEqual(
    await told('/pfc/index.php/a/b?tell=1'),
    tells('/pfc/index.php/a/b?tell=1', { PATH_INFO: '/a/b', PHP_SELF: '/pfc/index.php/a/b' }),
  )
  const form = { method: 'POST', body: 'x=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
  assert.deepEqual(
    await told('/pfc/users?tell=1', form),
    tells('/pfc/users?tell=1', { PATH_INFO: '/users', REQUEST_METHOD: 'POST', post: { x: '1' } }),
  )
})

test('behind a proxy that ends TLS, PHP is told of https, and otherwise not', async () => {
  const https = async (headers: Readonly<Record<string, string>>) => (await told('/pfc/x?tell=1', { headers }))['HTTPS']
  assert.equal(await https({ 'X-Forwarded-Proto': 'https' }), 'on')
  assert.equal(await https({ 'X-Forwarded-Proto': 'http' }), undefined)
  assert.equal(await https({}), undefined)
})

test('another script answers for itself, with what stands behind it, and a directory by its own index', async () => {
  assert.equal(await body('/pfc/other.php'), 'other none')
  assert.equal(await body('/pfc/other.php/a/b.php?x'), 'other /a/b.php')
  assert.equal(await body('/pfc/blog/'), 'blog /pfc/blog/index.php')
  assert.equal(await body('/pfc/blog/post'), '/pfc|/blog/post||1.0')
  for (const [asked, location] of [
    ['/pfc/blog?a=1', './blog/?a=1'],
    ['//pfc/./blog', './blog/'],
    ['/pfc/x%2F..%2Fblog', './x%2F..%2Fblog/'],
  ] as const) {
    const { status, headers } = await from(asked)
    assert.deepEqual([status, headers.location], [301, location], asked)
  }
  assert.equal((await ask(world.port, '/pfc/blog', { method: 'POST', body: 'x' })).body, 'blog /pfc/blog/index.php')
})

test('files beside the scripts are served when they are made for visitors, and no other', async () => {
  const css = await from('/pfc/style.css')
  assert.deepEqual([css.status, css.body, css.headers['content-type']], [200, 'body {}', 'text/css; charset=utf-8'])
  assert.equal(await body('/pfc/main/img/logo.svg'), '<svg/>')
  assert.equal(await body('/style.css', 'pfc.localhost'), 'body {}')
  assert.equal(await body('/pfc/a%20b/%C3%A9+c%2520.css'), 'i {}')
  assert.equal(await body('/pfc/robots.txt'), 'User-agent: *')
  const hidden = ['.env', '.git/config', 'composer.json', 'settings.ini', 'page.html', 'index.php.bak', 'upper.PHP']
  for (const file of [
    ...hidden,
    'node_modules/x.js',
    'vendor/eval.php',
    '.hidden/x.php',
    '%2eenv',
    'vendor/../vendor/eval.php/x',
  ]) {
    for (const [prefix, host] of [['/pfc'], ['', 'pfc.localhost']] as const) {
      const answer = await from(`${prefix}/${file}`, host)
      assert.deepEqual([file, answer.status, /SECRET/.test(answer.body)], [file, 404, false])
    }
  }
  for (const [path, host] of [
    ['/__mfserv/files/pfc.main/.env'],
    ['/__mfserv/files/pfc.main/style.css', 'pfc.localhost'],
  ] as const) {
    assert.doesNotMatch((await from(path, host)).body, /SECRET|body \{\}/)
  }
})

test('in the directory of the plugin, scripts are run, but none of packages, of tools or of another app', async () => {
  assert.equal(await body('/pfc/root/'), 'script index.php')
  assert.equal(await body('/pfc/root/tool.php'), 'script tool.php')
  for (const file of [...CODE, 'config.ini', 'vendor', 'vendor/', 'main']) {
    assert.equal((await from(`/pfc/root/${file}`)).status, 404, file)
  }
})

test('make develop names front_controller where an app without one answers 404 and has the script for it', async () => {
  const lost = await bootstrap(world, 'lost', 'php')
  writeFile(join(lost, 'main/index.php'), '<?php http_response_code(404);')
  const line = `  http://localhost:${world.port}/lost  answers 404: the app gets the path with /lost in front`
  const told = async (): Promise<readonly string[]> => (await world.must('_plugins.develop', [], { in: lost })).stdout.split('\n')
  assert.ok((await told()).includes(`${line}; with front_controller = index.php that script answers every URL`))
  renameSync(join(lost, 'main/index.php'), join(lost, 'main/start.php'))
  assert.ok((await told()).includes(line))
  await world.must('plugins.uninstall', ['lost'])
})

test('a request whose worker was killed is answered by the same script', async () => {
  const pid = (await world.plugin('pfc')).apps[0]?.slots[0]?.pid ?? assert.fail('no worker')
  process.kill(pid, 'SIGKILL')
  assert.equal((await told('/pfc/index.php/after?tell=1'))['PATH_INFO'], '/after')
})

test('a script edited in development is seen at once; of a release PHP reads each script once, and the next release is others', async () => {
  const file = join(home, 'main/index.php')
  writeFile(file, FRAMEWORK.replace('1.0', 'edited'))
  await eventually('the edit is served', async () => ((await body('/pfc/x')).endsWith('|edited') ? true : undefined))
  writeFile(file, FRAMEWORK)
  const [one, two] = [
    await releaseSources(world, home, '1.0'),
    await releaseSources(world, home, '2.0', (copy) => {
      writeFile(join(copy, 'main/index.php'), FRAMEWORK.replace('1.0', '2.0'))
      // An app that writes scripts of its own says so.
      writeFile(join(copy, 'main/.user.ini'), 'opcache.validate_timestamps = 1\n')
    }),
  ]
  await world.must('plugins.uninstall', ['pfc'])
  await world.must('plugins.install', [one])
  const installed = realpathSync(join(world.home, 'var/plugins/pfc'))
  // PHP keeps nothing of a file that is younger than two seconds.
  utimesSync(join(installed, 'main/index.php'), 1_600_000_000, 1_600_000_000)
  assert.match(await body('/pfc/x'), /\|1\.0$/)
  writeFile(join(installed, 'main/index.php'), readFileSync(join(installed, 'main/index.php'), 'utf8').replace('1.0', 'changed'))
  assert.match(await body('/pfc/x'), /\|1\.0$/)
  await world.must('plugins.hotswap', [two])
  const next = join(realpathSync(join(world.home, 'var/plugins/pfc')), 'main/index.php')
  utimesSync(next, 1_600_000_000, 1_600_000_000)
  assert.match(await body('/pfc/x'), /\|2\.0$/)
  writeFile(next, readFileSync(next, 'utf8').replace('2.0', 'rewritten'))
  assert.match(await body('/pfc/x'), /\|rewritten$/)
})
