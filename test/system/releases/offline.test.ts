import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { answersTo, bootstrapByPipe } from '../make-plugin.ts'
import { openToOthers } from '../open-to-others.ts'
import { bootstrap, edit, IS_SOAK, newWorld, setKey, type World, writeFile } from '../world.ts'
import { noNamespaces, type OfflineMachine, offlineMachine } from './offline-machine.ts'

/** Without Express, which is 65 packages more. `/addon` loads what was compiled: `require('bufferutil')` would go on without it. */
const STOCK = `
const fs = require('node:fs')
const { createServer } = require('node:http')
const { dirname } = require('node:path')
createServer((request, response) => {
  if (request.url !== '/stock/addon') return response.end('Hello World stock!')
  const data = Buffer.from([1, 2])
  require('node-gyp-build')(dirname(require.resolve('bufferutil/package.json'))).unmask(data, Buffer.from([1, 1, 1, 1]))
  const loaded = fs.readFileSync('/proc/self/maps', 'utf8').includes('bufferutil.node')
  response.end(JSON.stringify({ loaded, data: [...data] }))
}).listen(process.argv[2])
`
const HELLO = 'Hello World from django app'
const CSS = '/shop/shop/static/admin/css/base.css'

describe('a machine with no interface but loopback, and empty caches', { skip: await noNamespaces() }, () => {
  let machine: OfflineMachine
  let files: string

  before(async () => {
    files = await releaseAll()
    machine = await offlineMachine()
    await machine.must('mfserv.start')
  })
  after(async () => {
    await machine.end()
    rmSync(files, { recursive: true, force: true })
  })

  // That packages of Python are installed without a network is in release-file.test.ts too, and here by Django.
  if (IS_SOAK) {
    test('a Flask release is installed and answers', async () => {
      await machine.must('plugins.install', [fileOf('blog', '1.0')])
      assert.deepEqual(await answerAt('/blog/'), [200, 'Hello World !'])
      assert.match((await machine.visit('/blog/me')).body, /<h1>Hello me !<\/h1>/)
    })

    test('an aiohttp release is installed and answers', async () => {
      await machine.must('plugins.install', [fileOf('news', '1.0')])
      assert.deepEqual(await answerAt('/news'), [200, 'Hello World'])
    })
  }

  test('a Node release is installed, answers, and loads its native addon', async () => {
    await machine.must('plugins.install', [fileOf('stock', '1.0')])
    assert.deepEqual(await answerAt('/stock'), [200, 'Hello World stock!'])
    assert.deepEqual(await answerAt('/stock/addon'), [200, '{"loaded":true,"data":[0,3]}'])
  })

  test('a Django release is installed, has its tables, and answers; the administration has its styles', async () => {
    await machine.must('plugins.install', [fileOf('shop', '1.0')])
    assert.deepEqual(await answerAt('/shop/'), [200, HELLO])
    const admin = await machine.visit('/shop/admin/')
    assert.deepEqual([admin.status, admin.path], [200, '/shop/admin/login/'])
    assert.ok(admin.body.includes(CSS), admin.body)
    assert.deepEqual(await typeAt(CSS), [200, 'text/css; charset=utf-8'])
    await manage(['createsuperuser', '--noinput', '--username=first', '--email=first@example.org'], PASSWORD)
  })

  test('a hot swap of Django migrates, brings its new styles, and keeps the rows; so does a rollback', async () => {
    await machine.must('plugins.hotswap', [fileOf('shop', '2.0')])
    assert.deepEqual(await answerAt('/shop/'), [200, 'Hello two'])
    assert.deepEqual(await typeAt('/shop/shop/static/hello/new.css'), [200, 'text/css; charset=utf-8'])
    assert.deepEqual(await typeAt(CSS), [200, 'text/css; charset=utf-8'])
    const bake = 'from hello.models import Loaf; Loaf.objects.create(weight=750)'
    await manage(['shell', '-v0', '-c', `${bake}; ${MAKE_SECOND}`])
    await machine.must('plugins.rollback', ['shop'])
    assert.deepEqual(await answerAt('/shop/'), [200, HELLO])
    assert.deepEqual(await typeAt(CSS), [200, 'text/css; charset=utf-8'])
    assert.equal((await machine.visit('/shop/shop/static/hello/new.css')).status, 404)
    const rows = new DatabaseSync(join(machine.home, 'var/data/shop/db.sqlite3'), { readOnly: true })
    const superusers = rows.prepare('SELECT username FROM auth_user WHERE is_superuser ORDER BY id').all()
    rows.close()
    assert.deepEqual(
      superusers.map(({ username }) => username),
      ['first', 'second'],
    )
  })

  test('nothing of what was installed is open to other users', () => {
    assert.deepEqual(openToOthers(machine.home), [])
  })

  function fileOf(name: string, version: string): string {
    return join(files, `${name}-${version}-1.metwork.mfserv.plugin`)
  }

  async function answerAt(path: string): Promise<readonly [status: number, body: string]> {
    const { status, body } = await machine.visit(path)
    return [status, body]
  }

  async function typeAt(path: string): Promise<readonly [status: number, type: string]> {
    const { status, type } = await machine.visit(path)
    return [status, type]
  }

  async function manage(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await machine.must('plugin_wrapper', ['--cwd', 'shop', '--', 'python', 'manage.py', ...words], env)
  }
})

const PASSWORD = { DJANGO_SUPERUSER_PASSWORD: 'bread and salt' }
const MAKE_SECOND = 'from django.contrib.auth.models import User; User.objects.create(username="second", is_superuser=True)'
const MODEL = `from django.db import models


class Loaf(models.Model):
    weight = models.IntegerField()
`
const MIGRATION = `from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Loaf", [("id", models.BigAutoField(primary_key=True)), ("weight", models.IntegerField())])
    ]
`

/** Makes the releases with a network, and answers the directory they are in; of the sources nothing is left. */
async function releaseAll(): Promise<string> {
  const maker = await newWorld()
  const files = `${maker.home}-files`
  mkdirSync(files)
  try {
    // One after the other, so that their commands share a process.
    await releaseSmall(maker, files)
    await releaseDjango(maker, files)
  } finally {
    await maker.end()
  }
  return files
}

async function releaseSmall(maker: World, files: string): Promise<void> {
  const stock = await bootstrap(maker, 'stock', 'node')
  edit(join(stock, 'package.json'), '"express": "^5.3.0"', '"bufferutil": "4.1.0"')
  writeFile(join(stock, 'stock/server.js'), STOCK)
  const homes = [
    stock,
    ...(IS_SOAK
      ? [
          await bootstrap(maker, 'blog', 'flask'),
          await bootstrapByPipe(maker, 'news', 'default', answersTo('default', 'aiohttp', 1)),
        ]
      : []),
  ]
  for (const home of homes) {
    setKey(home, 'version', '1.0')
    setKey(home, 'workers', '1')
    await release(maker, home, files)
  }
}

/** Twice: with the project that `make develop` made, and with a model, a migration, a style and a text more. */
async function releaseDjango(maker: World, files: string): Promise<void> {
  const home = await bootstrapByPipe(maker, 'shop', 'django', ['1.0', 'A shop', '1', '1', '', '', '', '1', '2'])
  setKey(home, 'workers', '1')
  await maker.must('_plugins.make', [], { in: home })
  // Here only the project is made: nothing is served, and no release has a database or static files.
  const postinstall = join(home, 'postinstall')
  // The usual way to hash a password is slow on purpose.
  const hashers = "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"
  edit(postinstall, 'INSTALLED_APPS +=', `${hashers}\nINSTALLED_APPS +=`)
  const whole = readFileSync(postinstall, 'utf8')
  writeFile(postinstall, whole.replace(/^python manage\.py .*\n/gm, ''))
  await maker.must('_plugins.develop', [], { in: home })
  writeFile(postinstall, whole)
  await release(maker, home, files)
  setKey(home, 'version', '2.0')
  edit(join(home, 'hello/views.py'), HELLO, 'Hello two')
  writeFile(join(home, 'hello/models.py'), MODEL)
  writeFile(join(home, 'hello/migrations/0001_initial.py'), MIGRATION)
  writeFile(join(home, 'hello/static/hello/new.css'), 'p { color: teal }')
  await release(maker, home, files)
}

async function release(maker: World, home: string, files: string): Promise<void> {
  await maker.must('_plugins.release', ['--output-directory', files], { in: home })
}
