import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { findUv } from '../../../src/host/programs/python-framework.ts'
import { make, mustMake } from '../make-plugin.ts'
import { CLONE, edit, eventually, freePort, get, newWorld, type World, writeFile } from '../world.ts'

const CONFIG =
  '[general]\nversion=1.0\nsummary=x\nlicense=x\nurl=http://x\nmaintainer=x\nvendor=x\n[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n'
const FILE = 'acme_private-0.9-py3-none-any.whl'
const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
const FROZEN = 'python3_virtualenv_sources/requirements3.txt'

let world: World

before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
})
after(() => world.end())

test('a local package is served from its sources, edits of it are seen, and a release brings it as a wheel', async () => {
  const home = plugin('local', {
    [TO_FREEZE]: 'six==1.17.0\n../libs/mylib\n-e ../../beside\n',
    'main/wsgi.py': saying('mylib, beside, six', 'mylib.hi(), beside.hi(), beside.__file__'),
    ...packageFiles('libs/mylib', 'mylib'),
  })
  for (const [path, text] of Object.entries(packageFiles('beside', 'beside'))) writeFile(join(world.home, path), text)
  await mustMake(world, home)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /\n-e \.\.\/\.\.\/beside\n-e \.\.\/libs\/mylib\nsix==/)
  const url = `${world.url}/local/`
  assert.match((await get(url)).body, /^mylib 1 beside 1 \S+\/beside\/beside\/__init__\.py$/)
  for (const [path, expected] of [
    [join(home, 'libs/mylib/mylib/__init__.py'), /^mylib 2 beside 1 /],
    [join(world.home, 'beside/beside/__init__.py'), /^mylib 2 beside 2 /],
  ] as const) {
    edit(path, ' 1"', ' 2"')
    await eventually('the edit is served', async () => (expected.test((await get(url)).body) ? true : undefined))
  }
  assert.match((await mustMake(world, home, 'all')).stdout, /everything is built/, 'an edit of code builds nothing')

  await mustMake(world, home, 'release')
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
  const silent = await make(world, home)
  assert.notEqual(silent.code, 0)
  const place = `${realpathSync(join(home, TO_FREEZE))}:2  the package index http://***@127.0.0.1:${port}/simple does not answer`
  assert.ok(silent.stderr.includes(place), silent.stderr)
  assert.deepEqual([existsSync(join(home, FROZEN)), existsSync(join(home, 'local/current'))], [false, false])

  const { server, asked } = await indexOn(port, wheel(home, 'acme-private', '0.9', 'VALUE = 9'))
  try {
    const made = await mustMake(world, home, 'release')
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
    const refused = await make(world, direct, 'release')
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
    const { code, stderr } = await make(world, home)
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
  const { code, stderr } = await make(world, home)
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
  for (const [path, text] of Object.entries(packageFiles('repository', 'mylib'))) writeFile(join(world.home, path), text)
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=x', '-c', 'user.email=x@x', ...words], { encoding: 'utf8' })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'x')
  writeFile(join(home, TO_FREEZE), `-e git+file://${repository}#egg=mylib\n`)
  await mustMake(world, home)
  assert.match(
    readFileSync(join(home, FROZEN), 'utf8'),
    new RegExp(`\nmylib @ git\\+file://\\S+@${git('rev-parse', 'HEAD').trim()}\n`),
  )
  assert.equal((await get(`${world.url}/editable/`)).body, 'mylib 1')
})

test('an application with requirements.txt alone is served: includes, constraints and markers count, development packages do not', async () => {
  const home = plugin('listed', {
    'requirements.txt': '-r requirements/base.txt\n-c limits.txt\niniconfig ; python_version < "3"\n',
    'requirements/base.txt': 'six\n',
    'limits.txt': 'six==1.16.0\n',
    'requirements-dev.txt': 'pluggy\n',
    'main/wsgi.py': saying('six', 'six.__version__'),
  })
  await mustMake(world, home)
  assert.equal((await get(`${world.url}/listed/`)).body, '1.16.0')
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^# Frozen from requirements\.txt \(\w+\) .*\nsix==1\.16\.0\n$/)
  writeFile(join(home, 'limits.txt'), 'six==1.17.0\n')
  await mustMake(world, home)
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /\nsix==1\.17\.0\n$/, 'a change of an included file is noticed')
  writeFile(join(home, 'requirements/base.txt'), 'six==1.16.0\n')
  const { stderr } = await make(world, home)
  assert.match(stderr, /requirements\/base\.txt:1 {2}/, 'the line of the file that says it')
})

test('hashes are held to: a package that is another one is refused, with the line', async () => {
  const home = plugin('hashed', { 'main/wsgi.py': saying('acme', 'acme.VALUE') })
  const { file, bytes } = wheel(home, 'acme', '1', 'VALUE = 1')
  mkdirSync(join(home, 'wheels'))
  writeFileSync(join(home, 'wheels', file), bytes)
  const right = createHash('sha256').update(bytes).digest('hex')
  const requirements = (hash: string): string => `--no-index\n--find-links ./wheels\nacme==1 \\\n  --hash=sha256:${hash}\n`
  writeFile(join(home, 'requirements.txt'), requirements('0'.repeat(64)))
  const { code, stderr } = await make(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /\/hashed\/requirements\.txt:3 {2}[\s\S]*[Hh]ash mismatch/)
  writeFile(join(home, 'requirements.txt'), requirements(right))
  await mustMake(world, home)
  assert.equal((await get(`${world.url}/hashed/`)).body, '1')
})

test('pyproject.toml is enough, and the application is a package where it is built as one', async () => {
  const files = packageFiles('.', 'shop')
  const home = plugin('shop', {
    'pyproject.toml': `${files['./pyproject.toml']}dependencies = ["six==1.17.0"]\n[dependency-groups]\ndev = ["pluggy"]\n`,
    'src/shop/__init__.py': files['./shop/__init__.py'] ?? '',
    'main/wsgi.py': saying('shop, six, importlib.metadata', 'shop.hi(), importlib.metadata.version("shop")'),
  })
  await mustMake(world, home)
  assert.equal((await get(`${world.url}/shop/`)).body, 'shop 1 1.0')
  await mustMake(world, home, 'release')
  assert.deepEqual(wheelsOf(home), ['shop-1.0', 'six-1.17.0'])
  await world.must('plugins.uninstall', ['shop'])
  await world.must('plugins.install', [join(home, 'shop-1.0-1.metwork.mfserv.plugin')])
  assert.equal((await get(`${world.url}/shop/`)).body, 'shop 1 1.0')
})

test('uv.lock decides the versions, and one that does not fit pyproject.toml is named', async () => {
  const project = '[project]\nname = "locked"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["six<1.17"]\n'
  const home = plugin('locked', { 'pyproject.toml': project, 'main/wsgi.py': saying('six', 'six.__version__') })
  const uv = findUv(pathsOf(world.home))
  assert.ok(uv !== undefined, 'mfserv has installed uv')
  execFileSync(uv, ['lock', '--quiet', '--project', home])
  await mustMake(world, home)
  assert.equal((await get(`${world.url}/locked/`)).body, '1.16.0')
  assert.match(readFileSync(join(home, FROZEN), 'utf8'), /^# Frozen from uv\.lock .*\nsix==1\.16\.0 \\\n {4}--hash=sha256:/)
  const right = readFileSync(join(home, 'uv.lock'), 'utf8')
  writeFile(join(home, 'uv.lock'), `<<<<<<< HEAD\n${right}`)
  const torn = await make(world, home)
  assert.notEqual(torn.code, 0)
  assert.match(torn.stderr, /\/locked\/uv\.lock:1 {2}uv\.lock cannot be read:[\s\S]*remove it and run "uv lock"/)
  writeFile(join(home, 'uv.lock'), right)
  edit(join(home, 'pyproject.toml'), 'six<1.17', 'six<1.16')
  const { code, stderr } = await make(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /\/locked\/uv\.lock {2}uv\.lock does not fit pyproject\.toml/)
  assert.match(stderr, /Run "uv lock"/)
  assert.equal((await get(`${world.url}/locked/`)).body, '1.16.0')
})

test('the sources of MFSERV win where they are, and what is not read is said', async () => {
  const home = plugin('both', {
    [TO_FREEZE]: 'six==1.16.0\n',
    'requirements.txt': 'six==1.17.0\n',
    'main/wsgi.py': saying('six', 'six.__version__'),
  })
  const { stderr } = await mustMake(world, home)
  assert.match(
    stderr,
    /requirements\.txt of the plugin is not read: python3_virtualenv_sources\/requirements-to-freeze\.txt is there/,
  )
  assert.equal((await get(`${world.url}/both/`)).body, '1.16.0')
})

test('an application of Node may have requirements.txt for something that it does not serve', async () => {
  const node = CONFIG.replace('python3_sync', 'node').replace('main.wsgi:application', 'server.js')
  const server = "require('http').createServer((_q, r) => r.end('node')).listen(process.argv[2])\n"
  const home = plugin('nodeonly', { 'config.ini': node, 'main/server.js': server, 'requirements.txt': 'no-such-thing-at-all\n' })
  await mustMake(world, home)
  assert.equal((await get(`${world.url}/nodeonly/`)).body, 'node')
  assert.equal(existsSync(join(home, FROZEN)), false)
})

test('two files that disagree are named', async () => {
  const home = plugin('torn', {
    'pyproject.toml': '[project]\nname = "torn"\nversion = "1"\ndependencies = [\n  "six<1.16",\n]\n',
    'requirements.txt': 'six==1.17.0\n',
  })
  const { code, stderr } = await make(world, home)
  assert.notEqual(code, 0)
  assert.match(stderr, /six<1\.16/)
  assert.match(stderr, /six==1\.17\.0/)
  assert.equal(existsSync(join(home, FROZEN)), false)
})

test('a path that is not there is named with its line, and everything that is wrong at once', async () => {
  const home = plugin('wrong', { [TO_FREEZE]: 'six\n../libs/none\n-r base.txt\n-e ../main\n' })
  const { code, stderr } = await make(world, home)
  assert.notEqual(code, 0)
  const file = realpathSync(join(home, TO_FREEZE))
  for (const [line, what] of [
    [2, /the package \.\.\/libs\/none is not there/],
    [3, /includes base\.txt, which is not there/],
    [4, /\.\.\/main is no Python package/],
  ] as const) {
    const [found = ''] = stderr.split('\n').filter((one) => one.startsWith(`${file}:${line}  `))
    assert.match(found, what)
  }
  assert.equal(existsSync(join(home, FROZEN)), false)
})

function plugin(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(world.home, name)
  const all = {
    '.layerapi2_label': `plugin_${name}@mfserv\n`,
    'config.ini': CONFIG,
    'main/wsgi.py': saying('sys', '"here"'),
    ...files,
  }
  writeFile(join(home, 'Makefile'), readFileSync(join(CLONE, 'templates/_every/Makefile'), 'utf8'))
  for (const [path, text] of Object.entries(all)) writeFile(join(home, path), text)
  return home
}

/** An application that answers with what the expressions say. */
function saying(modules: string, expressions: string): string {
  return `import ${modules}\ndef application(environ, start_response):\n    start_response("200 OK", [("Content-Type", "text/plain")])\n    return [" ".join(map(str, [${expressions}])).encode()]\n`
}

function packageFiles(directory: string, name: string): Readonly<Record<string, string>> {
  const backend = '[build-system]\nrequires = ["flit_core==3.12.0"]\nbuild-backend = "flit_core.buildapi"\n'
  return {
    [`${directory}/pyproject.toml`]: `${backend}[project]\nname = "${name}"\nversion = "1.0"\ndescription = "x"\n`,
    [`${directory}/${name}/__init__.py`]: `def hi(): return "${name} 1"\n`,
  }
}

function wheelsOf(home: string): readonly string[] {
  const names = readdirSync(join(home, 'python3_virtualenv_sources/src')).sort()
  return names.map((name) => name.split('-').slice(0, 2).join('-'))
}

const MAKE_WHEEL = `
import sys, zipfile
to, name, version, text = sys.argv[1:]
with zipfile.ZipFile(to, "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", text)
    info = f"{name}-{version}.dist-info"
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name.replace('_', '-')}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`

interface MadeWheel {
  readonly name: string
  readonly file: string
  readonly bytes: Buffer
}

function wheel(directory: string, name: string, version: string, text: string): MadeWheel {
  const module = name.replaceAll('-', '_')
  const file = `${module}-${version}-py3-none-any.whl`
  execFileSync('python3', ['-c', MAKE_WHEEL, join(directory, file), module, version, text])
  const bytes = readFileSync(join(directory, file))
  rmSync(join(directory, file))
  return { name, file, bytes }
}

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
