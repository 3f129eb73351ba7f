import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { ensurePython } from '../../../src/host/programs/python-framework.ts'
import { packageName } from '../../../src/template/python-package.ts'
import { bootstrapByPipe, mustMake } from '../make-plugin.ts'
import { ask, bootstrap, CLONE, edit, eventually, get, newWorld, type Ran, setKey, type World, writeFile } from '../world.ts'

const HELLO = 'Hello World from django app'

describe('the django template', () => {
  let world: World
  let home: string
  let settings: string

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await bootstrapByPipe(world, 'shop', 'django', ['1.0', 'A shop', '1', '1', '', '', '', '1', '2'])
    setKey(home, 'workers', '1')
    settings = join(home, 'shop/settings.py')
    // The usual way to hash a password is slow on purpose.
    const hashers = "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"
    edit(join(home, 'postinstall'), 'INSTALLED_APPS +=', `${hashers}\nINSTALLED_APPS +=`)
    assert.equal((await developed(home)).code, 0)
  })
  after(() => world.end())

  test('the documented URLs give the documented answers', async () => {
    assert.deepEqual(await get(`${world.url}/shop/`), { status: 200, body: HELLO })
    assert.deepEqual(await get(`${world.url}/shop/hello/`), { status: 200, body: HELLO })
    const bare = await ask(`${world.url}/shop`)
    assert.deepEqual([bare.redirected, new URL(bare.url).pathname, await bare.text()], [true, '/shop/', HELLO])
    assert.equal((await get(`${world.url}/shop/nothing`)).status, 404)
  })

  test('the documented Django and settings are in the plugin', () => {
    const frozen = readFileSync(join(home, 'python3_virtualenv_sources/requirements3.txt'), 'utf8')
    assert.match(frozen, /^django==5\.2\./im)
    const text = readFileSync(settings, 'utf8')
    assert.match(text, /# ADDED BY METWORK\/MFSERV\/DJANGO PLUGIN TEMPLATE/)
    assert.match(text, /^ALLOWED_HOSTS = \['localhost', '127\.0\.0\.1', '\[::1\]'\]$/m)
    assert.match(text, /^DEBUG = \(os\.environ\.get\('MFSERV_CURRENT_PLUGIN_DEBUG', '0'\) == '1'\)$/m)
    assert.match(text, /django\.db\.backends\.sqlite3/)
  })

  test('the database is where it outlives the releases of the plugin, and an older project keeps its own', async () => {
    const data = join(world.home, 'var/data/shop')
    assert.equal(statSync(data).mode & 0o777, 0o700)
    assert.ok(statSync(join(data, 'db.sqlite3')).size > 0)
    assert.ok(!existsSync(join(home, 'db.sqlite3')))
    // Beside the plugin, as each edit of the plugin costs a worker.
    const older = join(world.home, 'older')
    writeFile(join(older, 'older/settings.py'), readFileSync(settings, 'utf8').replace(/^# What outlives[\s\S]*?\n\n/m, ''))
    await manage(['migrate', 'sessions', `--pythonpath=${older}`, '--settings=older.settings'])
    assert.ok(statSync(join(older, 'db.sqlite3')).size > 0)
  })

  test('a host that ALLOWED_HOSTS does not name gets 400', async () => {
    assert.equal(await statusFor('evil.example', `${world.url}/shop/`), 400)
  })

  test('the page of the administration comes with its styles and scripts, which nginx serves', async () => {
    const login = await ask(`${world.url}/shop/admin/`)
    assert.deepEqual([login.status, new URL(login.url).pathname], [200, '/shop/admin/login/'])
    const files = [...(await login.text()).matchAll(/(?:href|src)="([^"]+\.(css|js))"/g)]
    assert.ok(files.length > 3)
    for (const [, path = '', kind] of files) {
      const { status, headers } = await ask(`${world.url}${path}`)
      const type = kind === 'css' ? 'text/css' : 'javascript'
      assert.deepEqual([status, headers.get('content-type')?.includes(type)], [200, true], path)
    }
  })

  test('a superuser logs in; a POST without the token of the form is refused', async () => {
    await manage(['createsuperuser', '--noinput', '--username=chief', '--email=chief@example.org'], {
      DJANGO_SUPERUSER_PASSWORD: 'bread and salt',
    })
    const url = `${world.url}/shop/admin/login/`
    const form = await ask(url)
    const cookie = cookieOf(form, 'csrftoken')
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await form.text())?.[1] ?? ''
    const login = { username: 'chief', password: 'bread and salt' }
    const post = (body: Readonly<Record<string, string>>) =>
      ask(url, {
        method: 'POST',
        headers: { Cookie: cookie, Origin: world.url },
        body: new URLSearchParams(body),
        redirect: 'manual',
      })
    assert.equal((await post(login)).status, 403)
    const wrong = await post({ ...login, password: 'bread', csrfmiddlewaretoken: token })
    assert.match(await wrong.text(), /Please enter the correct username and password/)
    const right = await post({ ...login, csrfmiddlewaretoken: token, next: '/shop/admin/' })
    assert.deepEqual([right.status, right.headers.get('location')], [302, '/shop/admin/'])
    const inside = await ask(`${world.url}/shop/admin/auth/user/`, { headers: { Cookie: cookieOf(right, 'sessionid') } })
    assert.equal(inside.status, 200)
    assert.match(await inside.text(), /chief@example\.org/)
  })

  test('the cookies of a project reach no other plugin', async () => {
    const form = await ask(`${world.url}/shop/admin/login/`)
    for (const cookie of form.headers.getSetCookie()) assert.match(cookie, /; Path=\/shop\/(;|$)/i)
  })

  test('an edited view is served a moment later', async () => {
    edit(join(home, 'hello/views.py'), HELLO, 'Bonjour')
    await eventually('the new text', async () => ((await get(`${world.url}/shop/`)).body === 'Bonjour' ? true : undefined))
  })

  test('a mistake in the URLs keeps the version before in service', async () => {
    await world.until('one version serves', ({ plugins: [shop] }) => shop?.state === 'serving' && shop.leaving === 0)
    const { body } = await get(`${world.url}/shop/`)
    const urls = join(home, 'shop/urls.py')
    const right = readFileSync(urls, 'utf8')
    writeFile(urls, `${right}\ndef open(:\n`)
    const { plugins } = await world.until('the mistake is seen', (report) => report.plugins[0]?.state === 'failing')
    assert.match(JSON.stringify(plugins[0]?.apps), /shop\/urls\.py/)
    assert.equal((await get(`${world.url}/shop/`)).body, body)
    writeFile(urls, right)
    await world.until('it is fixed', (report) => report.plugins[0]?.state === 'serving')
  })

  test('make develop again keeps everything that was edited, and still migrates and collects', async () => {
    edit(settings, "LANGUAGE_CODE = 'en-us'", "LANGUAGE_CODE = 'fr-fr'")
    writeFile(join(home, 'hello/models.py'), MODEL)
    writeFile(join(home, 'hello/static/hello/new.css'), 'p { color: teal }')
    mkdirSync(join(home, '.postinstall.new'))
    const before = [settings, join(home, 'hello/views.py'), join(home, 'shop/urls.py')].map((file) => readFileSync(file, 'utf8'))
    await manage(['makemigrations', 'hello'])
    // What the next test is about, in the same run.
    for (const missing of ['manage.py', 'hello/admin.py']) rmSync(join(home, missing))
    await mustMake(world, home)
    const now = [settings, join(home, 'hello/views.py'), join(home, 'shop/urls.py')].map((file) => readFileSync(file, 'utf8'))
    assert.deepEqual(now, before)
    const tables = new DatabaseSync(join(world.home, 'var/data/shop/db.sqlite3'), { readOnly: true })
    assert.equal(tables.prepare("SELECT name FROM sqlite_master WHERE name = 'hello_loaf'").all().length, 1)
    tables.close()
    const style = await ask(`${world.url}/shop/shop/static/hello/new.css`)
    assert.deepEqual([style.status, style.headers.get('content-type')], [200, 'text/css; charset=utf-8'])
    assert.ok(!existsSync(join(home, '.postinstall.new')))
  })

  test('only what is missing is made', () => {
    assert.deepEqual([existsSync(join(home, 'manage.py')), existsSync(join(home, 'hello/admin.py'))], [true, false])
  })

  test('an exception gives a bare 500 and is in the log; with debug=1 Django shows its own page', async () => {
    writeFile(join(home, 'hello/views.py'), 'def index(request):\n    raise RuntimeError("no flour left")\n')
    await eventually('the new view', async () => ((await get(`${world.url}/shop/`)).status === 500 ? true : undefined))
    const { body } = await get(`${world.url}/shop/`)
    assert.doesNotMatch(body, /flour/)
    assert.match(readFileSync(join(world.home, 'log/app_shop_shop.log'), 'utf8'), /Traceback[\s\S]*RuntimeError: no flour left/)
    setKey(home, 'debug', '1')
    const page = await eventually('the page of Django', async () => {
      const answer = await get(`${world.url}/shop/`)
      return answer.body.includes('flour') ? answer : undefined
    })
    assert.equal(page.status, 500)
    assert.match(page.body, /Exception Value|DEBUG = True/)
  })

  test('another project, of a name that Python has, gets a package and a key of its own, interrupted or not', async () => {
    const other = await bootstrap(world, 'test', 'python3_django')
    setKey(other, 'workers', '1')
    // It has the same packages, and their virtualenv may be moved.
    for (const part of ['python3_virtualenv_sources', 'local']) {
      rmSync(join(other, part), { recursive: true, force: true })
      execFileSync('cp', ['-al', join(home, part), join(other, part)])
    }
    edit(join(other, 'postinstall'), "ALLOWED_HOSTS = ['localhost'", "ALLOWED_HOSTS = ['shop.example', 'localhost'")
    edit(join(other, 'postinstall'), 'startapp main\n', 'startapp main\n  kill -9 $BASHPID\n')
    assert.notEqual((await developed(other)).code, 0)
    for (const half of ['project_test', 'main', 'manage.py']) assert.ok(!existsSync(join(other, half)), half)
    edit(join(other, 'postinstall'), '  kill -9 $BASHPID\n', '')
    assert.equal((await developed(other)).code, 0)
    // As documented, the hosts may be said before the project is made.
    assert.equal(await statusFor('shop.example', `${world.url}/test/`), 200)
    assert.deepEqual(await get(`${world.url}/test/`), { status: 200, body: 'Hello World from django main app' })
    assert.equal((await get(`${world.url}/test/project_test/static/admin/css/base.css`)).status, 200)
    const key = (file: string) => /^SECRET_KEY = '(.+)'$/m.exec(readFileSync(file, 'utf8'))?.[1]
    const keys = [key(settings), key(join(other, 'project_test/settings.py'))]
    assert.ok(keys.every((one) => one !== undefined && one.length >= 50))
    assert.notEqual(keys[0], keys[1])
  })

  /** As `make develop` does, but for make itself. */
  async function developed(directory: string): Promise<Ran> {
    await world.must('_plugins.make', [], { in: directory })
    return world.run('_plugins.develop', ['--ignore-already-installed', '--checked'], { in: directory })
  }

  async function manage(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await world.must('plugin_wrapper', ['--cwd', 'shop', '--', 'python', 'manage.py', ...words], { env })
  }
})

test('no Django project hides a module that Python brings along', () => {
  const script = 'import sys, keyword; print(*sys.stdlib_module_names, *keyword.kwlist)'
  const names = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim().split(' ')
  assert.deepEqual(
    names.filter((name) => !packageName(name).startsWith('project_')),
    [],
  )
})

test('no Django project hides a module that the servers of mfserv are made of', async () => {
  const { library } = await ensurePython(pathsOf(runtimeHome()))
  const names = [join(CLONE, 'python'), library]
    .flatMap((directory) => readdirSync(directory))
    .filter((name) => /^[a-z]\w*(\.py)?$/.test(name) && name !== 'bin')
    .map((name) => name.replace('.py', ''))
  assert.ok(names.includes('mfserv_python'))
  assert.deepEqual(
    names.filter((name) => !packageName(name).startsWith('project_')),
    [],
  )
})

const MODEL = `from django.db import models


class Loaf(models.Model):
    weight = models.IntegerField()
`

async function statusFor(host: string, url: string): Promise<number | undefined> {
  const [answer] = await once(request(url, { headers: { Host: host } }).end(), 'response')
  assert.ok(answer instanceof IncomingMessage)
  answer.resume()
  return answer.statusCode
}

function cookieOf(answer: Response, name: string): string {
  const cookie = answer.headers.getSetCookie().find((one) => one.startsWith(`${name}=`))
  if (cookie === undefined) throw new Error(`no cookie ${name}`)
  return cookie.split(';', 1)[0] ?? ''
}
