import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { build, mustBuild } from '../make-plugin.ts'
import { edit, eventually, freePort, get, writeFile } from '../world.ts'
import { FROZEN, type MadeWheel, packageSaying, plugin, saying, TO_FREEZE, wheel, wheelsOf, world } from './started.ts'

const FILE = 'acme_private-0.9-py3-none-any.whl'

test('a local package is served from its sources, edits of it are seen, and a release brings it as a wheel', async () => {
  const home = plugin('local', {
    [TO_FREEZE]: 'six==1.17.0\n../libs/mylib\n-e ../../beside\n',
    'main/wsgi.py': saying('mylib, beside, six', 'mylib.hi(), beside.hi(), beside.__file__'),
    ...packageSaying('libs/mylib', 'mylib'),
  })
  for (const [path, text] of Object.entries(packageSaying('beside', 'beside'))) writeFile(join(world.home, path), text)
  await mustBuild(world, home)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /\n-e \.\.\/\.\.\/beside\n-e \.\.\/libs\/mylib\nsix==/)
  const compiled = globSync('local/versions/*/lib/*/site-packages/__pycache__/six.*.pyc', { cwd: home })
  assert.equal(compiled.length, 1, 'a worker does not compile a package at each start')
  const url = `${world.url}/local/`
  assert.match((await get(url)).body, /^mylib 1 beside 1 \S+\/beside\/beside\/__init__\.py$/)
  for (const [path, expected] of [
    [join(home, 'libs/mylib/mylib/__init__.py'), /^mylib 2 beside 1 /],
    [join(world.home, 'beside/beside/__init__.py'), /^mylib 2 beside 2 /],
  ] as const) {
    edit(path, ' 1"', ' 2"')
    await eventually('the edit is served', async () => (expected.test((await get(url)).body) ? true : undefined))
  }
  assert.match((await mustBuild(world, home, 'all')).stdout, /everything is built/, 'an edit of code builds nothing')

  await mustBuild(world, home, 'release')
  assert.deepEqual(wheelsOf(home), ['beside-1.0', 'mylib-1.0', 'six-1.17.0'])
  await world.must('plugins.uninstall', ['local'])
  await world.must('plugins.install', [join(home, 'local-1.0-1.metwork.mfserv.plugin')])
  assert.match((await get(url)).body, /^mylib 2 beside 2 \S+\/site-packages\/beside\/__init__\.py$/)
})

test('an index of its own is used to freeze, to install and to release; its password is neither shown nor released', async () => {
  const port = await freePort()
  const home = plugin('private', {
    [TO_FREEZE]: `# ours\n--extra-index-url http://bob:geheim@127.0.0.1:${port}/simple\nacme-private\n`,
    'main/wsgi.py': saying('acme_private', 'acme_private.VALUE'),
  })
  const silent = await build(world, home)
  assert.notEqual(silent.code, 0)
  const place = `${realpathSync(join(home, TO_FREEZE))}:2  the package index http://***@127.0.0.1:${port}/simple does not answer`
  assert.ok(silent.stderr.includes(place), silent.stderr)
  assert.deepEqual([existsSync(join(home, FROZEN)), existsSync(join(home, 'local/current'))], [false, false])

  const { server, asked } = await indexOn(port, wheel(home, 'acme-private', '0.9', 'VALUE = 9'))
  try {
    const made = await mustBuild(world, home, 'release')
    assert.deepEqual(wheelsOf(home), ['acme_private-0.9'])
    assert.match(
      readFileSync(join(home, FROZEN), 'utf8'),
      /acme-private==0\.9 \\\n +--hash=sha256:/,
      'the same file from the same index',
    )
    assert.ok(asked.length > 0 && asked.every((authorization) => authorization !== 'Basic Og=='))
    for (const text of [made.stdout, made.stderr, readFileSync(join(home, FROZEN), 'utf8')]) assert.doesNotMatch(text, /geheim/)
    assert.match(made.stderr, /Left out \(a password [^)]*\): python3_virtualenv_sources\/requirements-to-freeze\.txt/)
    const file = join(home, 'private-1.0-1.metwork.mfserv.plugin')
    assert.doesNotMatch(execFileSync('tar', ['xzOf', file], { encoding: 'latin1' }), /geheim/)
    const direct = plugin('direct', {
      [TO_FREEZE]: `acme-private @ http://bob:geheim@127.0.0.1:${port}/simple/acme-private/${FILE}\n`,
    })
    const refused = await build(world, direct, 'release')
    assert.match(refused.stderr, /requirements3\.txt:2 {2}a password stands in the address of a package {2}\(RELEASE_UNSAFE\)/)
    assert.doesNotMatch(refused.stderr, /geheim/)
  } finally {
    server.close()
  }
  await world.must('plugins.install', [join(home, 'private-1.0-1.metwork.mfserv.plugin')])
  assert.equal((await get(`${world.url}/private/`)).body, '9')
})

test('an index that lets nobody in without a password is named with its line, and not the package that it would have', async () => {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}/simple`
  const home = plugin('closed', { 'requirements.txt': `# ours\nsix\n--index-url ${address}\n` })
  const { server } = await indexOn(port, wheel(home, 'acme-private', '0.9', 'VALUE = 9'))
  try {
    const { code, stderr } = await build(world, home)
    assert.notEqual(code, 0)
    const place = `${realpathSync(join(home, 'requirements.txt'))}:3  the package index ${address} lets nobody in without`
    assert.ok(stderr.includes(place), stderr)
    assert.match(stderr, /\(HTTP 401\)[\s\S]*\n {2}Write them into the address in line 3, .*~\/\.netrc/)
    assert.doesNotMatch(stderr, /Correct line 2/)
    assert.deepEqual([existsSync(join(home, FROZEN)), existsSync(join(home, 'local/current'))], [false, false])
  } finally {
    server.close()
  }
})

test('a frozen version that no longer builds is named with why, with the line that a person edits, and with what helps', async () => {
  const home = plugin('oldpin', {
    [TO_FREEZE]: '--find-links ../old\n\nold-thing\n',
    [FROZEN]: 'old-thing==1.0\n',
    'old/broken/setup.py':
      'import sys\nfor n in range(200): print("compiling part", n, "-Iinclude " * 60)\nprint("Error: pg_config executable not found.")\nfor n in range(200): print("cleaning part", n)\nsys.exit(1)\n',
    'old/broken/PKG-INFO': 'Metadata-Version: 2.1\nName: old-thing\nVersion: 1.0\n',
    'old/broken/pyproject.toml': '[build-system]\nrequires = ["setuptools==80.9.0"]\nbuild-backend = "setuptools.build_meta"\n',
  })
  execFileSync('tar', ['czf', join(home, 'old/old-thing-1.0.tar.gz'), '-C', join(home, 'old'), 'broken'])
  rmSync(join(home, 'old/broken'), { recursive: true })
  const long = new Date(Date.now() - 3_600_000)
  utimesSync(join(home, TO_FREEZE), long, long)
  const { code, stderr } = await build(world, home)
  assert.notEqual(code, 0)
  assert.ok(stderr.includes(`${realpathSync(join(home, TO_FREEZE))}:3  `), stderr)
  assert.match(stderr, /failed: old-thing==1\.0: Error: pg_config executable not found\./)
  assert.match(stderr, /libpq-dev/)
  assert.match(stderr, /make superclean.*line 3 of requirements-to-freeze\.txt/)
  assert.doesNotMatch(stderr, /(?:Correct|change) (?:line \d+ of )?requirements3\.txt/)
})

test('what pip takes behind -e is taken: a repository becomes the version that is there', async () => {
  const home = plugin('editable', { 'main/wsgi.py': saying('mylib', 'mylib.hi()') })
  const repository = join(world.home, 'repository')
  for (const [path, text] of Object.entries(packageSaying('repository', 'mylib'))) writeFile(join(world.home, path), text)
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=x', '-c', 'user.email=x@x', ...words], { encoding: 'utf8' })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'x')
  writeFile(join(home, TO_FREEZE), `-e git+file://${repository}#egg=mylib\n`)
  await mustBuild(world, home)
  assert.match(
    readFileSync(join(home, FROZEN), 'utf8'),
    new RegExp(`\nmylib @ git\\+file://\\S+@${git('rev-parse', 'HEAD').trim()}\n`),
  )
  assert.equal((await get(`${world.url}/editable/`)).body, 'mylib 1')
})

/** A simple index with one package, which answers only who says a name; `asked` are the words they said. */
async function indexOn(port: number, { name, file, bytes }: MadeWheel): Promise<{ server: Server; asked: readonly string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    if (request.url?.endsWith('/pip/') !== true && authorization === undefined) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end()
      return
    }
    if (authorization !== undefined) asked.push(authorization)
    if (request.url === `/simple/${name}/`) response.setHeader('Content-Type', 'text/html').end(`<a href="${file}">${file}</a>`)
    else if (request.url === `/simple/${name}/${file}`) response.end(bytes)
    else response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  return { server, asked }
}
