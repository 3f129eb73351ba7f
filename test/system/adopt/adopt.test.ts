import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CLONE, execute, get, newWorld, type Ran, type World, writeFile } from '../world.ts'

/* Applications as they are become plugins, by the commands that a person types. */
let world: World
before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
})
after(() => world.end())

test('pages with a Makefile of their own are served beside it, and no file of theirs is touched', async () => {
  const home = application('pages', {
    'public/index.html': 'Hello pages',
    'public/a.css': 'a {}',
    Makefile: 'all:\n\ttouch made-by-the-application\n',
  })
  const before = contents(home)
  const { stdout } = await world.must('mfserv', ['adopt', home])
  assert.match(stdout, /make -f mfserv\.mk develop/)
  const developed = await make(home, ['-f', 'mfserv.mk', 'develop'])
  assert.equal(developed.code, 0, developed.stdout + developed.stderr)
  assert.deepEqual(await get(`${world.url}/pages/`), { status: 200, body: 'Hello pages' })
  const now = contents(home)
  for (const [path, text] of before) assert.equal(now.get(path), text, path)
  assert.ok(!now.has('made-by-the-application'))
})

test('the same again is refused: it is a plugin already', async () => {
  const { code, stderr } = await world.run('mfserv', ['adopt', join(world.home, 'pages')])
  assert.equal(code, 1)
  assert.match(stderr, /is a plugin already {2}\(PLUGIN_EXISTS\)/)
})

test('a copy of an application becomes a plugin of another name, and the application stays as it is', async () => {
  const home = application('site', { 'index.html': 'Hello copy', '.git/config': 'secret', 'a/b.html': 'b' })
  const before = contents(home)
  const { stdout } = await world.must('bootstrap_plugin.py', ['create', '--from', home, 'copied'], { in: world.home })
  assert.match(stdout, /The plugin copied is in .*\/copied: files\./)
  assert.deepEqual(contents(home), before)
  const copy = join(world.home, 'copied')
  assert.ok(!readdirSync(copy).includes('.git'))
  assert.equal((await make(copy, ['develop'])).code, 0)
  assert.deepEqual(await get(`${world.url}/copied/a/b.html`), { status: 200, body: 'b' })
  assert.equal((await get(`${world.url}/copied/config.ini`)).status, 404)
})

test('where a file cannot be written, none is', async () => {
  const home = application('hindered', { 'app.py': 'from flask import Flask\napp = Flask(__name__)\n' })
  symlinkSync('/tmp', join(home, 'python3_virtualenv_sources'))
  const { code, stderr } = await world.run('mfserv', ['adopt', home])
  assert.equal(code, 1)
  assert.match(stderr, /python3_virtualenv_sources is in the way {2}\(ADOPT_REFUSED\)/)
  assert.deepEqual(readdirSync(home).sort(), ['app.py', 'python3_virtualenv_sources'])
})

test('a directory that this user may not write in is named with its owner, and nothing is in it afterwards', async () => {
  const home = application('closed', { 'index.html': 'x' })
  chmodSync(home, 0o555)
  const isRoot = process.getuid?.() === 0
  // root may write everywhere: there, somebody else does it, with a runtime home of its own.
  const own = mkdtempSync(join(tmpdir(), 'mf'))
  if (isRoot) {
    for (const directory of [world.home, own]) chmodSync(directory, 0o777)
    assert.equal((await asNobody(['test', '-r', join(CLONE, 'src/cli/main.ts')], own)).code, 0, 'every user may read the clone')
  }
  try {
    const words = [join(CLONE, 'bin/mfserv'), 'adopt', home]
    const { code, stderr } = isRoot ? await asNobody(words, join(own, 'home')) : await world.run('mfserv', ['adopt', home])
    assert.equal(code, 1)
    assert.match(stderr, /\/closed\/config\.ini {2}the user \S+ has no right to it: EACCES.* {2}\(DISK\)/)
    assert.match(stderr, isRoot ? /\/closed belongs to the user root: do it as that user/ : /Look at the rights of \S+\/closed /)
    assert.deepEqual(readdirSync(home), ['index.html'])
  } finally {
    chmodSync(home, 0o755)
    chmodSync(world.home, 0o700)
    rmSync(own, { recursive: true, force: true })
  }
})

test('--dry-run writes nothing, and shows what would be written', async () => {
  const home = application('shown', { 'index.html': 'x' })
  const { code, stdout } = await world.run('mfserv', ['adopt', '--dry-run', '--name', 'other', home])
  assert.deepEqual([code, readdirSync(home)], [2, ['index.html']])
  assert.match(stdout, /The plugin other would be in/)
  const { stdout: json } = await world.run('mfserv', ['adopt', '--dry-run', '--json', home])
  const { written, type, found, files } = JSON.parse(json)
  assert.deepEqual([written, type, found[0].because], [false, 'static', 'index.html'])
  assert.ok(files.some(({ path, text }: { path: string; text: string }) => path === 'config.ini' && text.includes('type=static')))
})

function application(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(world.home, name)
  mkdirSync(home)
  for (const [path, text] of Object.entries(files)) writeFile(join(home, path), text)
  return home
}

function contents(home: string): ReadonlyMap<string, string> {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => [
      join(entry.parentPath, entry.name).slice(home.length + 1),
      readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    ]),
  )
}

function make(home: string, words: readonly string[]): Promise<Ran> {
  return execute('make', words, { in: home, env: { MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: CLONE } })
}

function asNobody(words: readonly string[], home: string): Promise<Ran> {
  const env = { MFMODULE_RUNTIME_HOME: home, MFSERV_COMPILE_CACHE: '' }
  return execute('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...words], { env })
}
