import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CLONE, edit, eventually, execute, get, newWorld, type World, writeFile } from '../world.ts'
import { APPLICATIONS } from './applications.ts'

/* docs/bring-an-application.md: every command of its table, as it stands there. */
const PAGE = readFileSync(join(CLONE, 'docs/bring-an-application.md'), 'utf8')
const ROWS = [...PAGE.matchAll(/^\| ([^|`]+) \| `([^`]+ && [^`]+)` \| `(\/[^`]+)` \|$/gm)].map(
  ([, title = '', commands = '', url = '']) => ({ title, commands, url }),
)

let world: World
let place: string
before(async () => {
  world = await newWorld()
  place = join(world.home, 'applications')
  for (const [name, { files }] of Object.entries(APPLICATIONS))
    for (const [path, text] of Object.entries(files)) writeFile(join(place, name, path), text)
  mkdirSync(place, { recursive: true })
  // Twice as many workers as cores show no more than one does.
  for (const name of ['flask-blog', 'django-shop', 'php-site'])
    writeFile(join(world.home, 'config/plugins', `${name}.ini`), '[app_main]\nworkers=1\n')
  await world.start()
})
after(() => world.end())

test('the page has a line for every application of this test', () => {
  const adopted = ROWS.map(({ commands }) => /(?:adopt|--from) ([\w-]+)/.exec(commands)?.[1] ?? '')
  assert.deepEqual([...new Set(adopted)].sort(), Object.keys(APPLICATIONS).sort())
})

test('no line of its table is of another form, which this test would not run', () => {
  const section = /^## One of each\n([\s\S]*?)^## /m.exec(PAGE)?.[1] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  // Its head, and the line below that.
  assert.equal(lines.length - 2, ROWS.length)
})

test('the commands at the top of the page serve an application, and the one for a copy makes another plugin of it', async () => {
  const [, first = ''] = /^```\n(mfserv adopt [\s\S]*?)^```$/m.exec(PAGE) ?? []
  const [, copy = ''] = /`(bootstrap_plugin\.py create --from [^`]+)`/.exec(PAGE) ?? []
  assert.ok(first.includes('make develop') && copy !== '', 'the page has both')
  const owner = join(world.home, 'owner')
  for (const [path, text] of Object.entries(APPLICATIONS['plain-pages']?.files ?? {})) writeFile(join(owner, 'shop', path), text)
  mkdirSync(join(owner, 'copies'))
  // The copy first: what is a plugin already is not adopted again.
  for (const commands of [`cd ~/copies && ${copy}`, first.trim().split('\n').join(' && ')]) {
    const { code, stdout, stderr } = await shell(commands, { HOME: owner })
    assert.equal(code, 0, `${commands}\n${stdout}${stderr}`)
  }
  assert.match((await get(`${world.url}/shop/`)).body, /about\.html/)
  assert.match(readFileSync(join(owner, 'copies/shop/.layerapi2_label'), 'utf8'), /^plugin_shop@mfserv$/m)
})

for (const { title, commands, url } of ROWS) {
  test(`${title}: the commands of the page serve it below its prefix, and change no file of it`, async () => {
    const name = /(?:adopt|--from) ([\w-]+)/.exec(commands)?.[1] ?? ''
    const plugin = url.split('/')[1] ?? ''
    const { files = {}, answers = {} } = APPLICATIONS[name] ?? {}
    const ran = await shell(commands)
    assert.equal(ran.code, 0, `${ran.stdout}\n${ran.stderr}`)
    assert.doesNotMatch(ran.stdout + ran.stderr, /INI_IGNORED_KEY|INI_UNKNOWN/)
    const { status } = await followed(`${world.url}${url}`)
    assert.equal(status, 200, url)
    for (const [path, expected] of Object.entries(answers)) {
      const { status: answered, body } = await followed(`${world.url}/${plugin}${path}`)
      assert.equal(answered, 200, path)
      assert.match(body, expected, path)
    }
    for (const path of ['config.ini', 'Makefile', '.env', 'manage.py', 'requirements.txt', 'package.json'])
      assert.notEqual(await plain(`${world.url}/${plugin}/${path}`, join(place, plugin, path)), 'shown', path)
    for (const [path, text] of Object.entries(files)) assert.equal(readFileSync(join(place, name, path), 'utf8'), text, path)
    assert.ok(!readdirSync(join(place, name)).includes('made-by-the-application'))
  })
}

test('an edit of an adopted application is seen, and its release can be installed', async () => {
  const home = join(place, 'flask-blog')
  edit(join(home, 'flaskr/__init__.py'), '"nobody"', '"edited"')
  const isEdited = async () => ((await get(`${world.url}/flask-blog/`)).body.includes('>edited</a>') ? true : undefined)
  await eventually('the edit is served', isEdited)
  const released = await shell('cd flask-blog && make release')
  assert.equal(released.code, 0, released.stdout + released.stderr)
  const file = readdirSync(home).find((name) => name.endsWith('.plugin')) ?? ''
  await world.must('plugins.uninstall', ['flask-blog'])
  await world.must('plugins.install', [join(home, file)])
  assert.ok(await isEdited())
})

function shell(commands: string, more: Readonly<Record<string, string>> = {}) {
  const env = {
    ...more,
    MFMODULE_RUNTIME_HOME: world.home,
    MFSERV_HOME: CLONE,
    PATH: `${join(CLONE, 'bin')}:${process.env['PATH']}`,
  }
  return execute('bash', ['-c', commands], { in: place, env })
}

async function followed(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(url, { headers: { Connection: 'close' } })
  return { status: answer.status, body: await answer.text() }
}

/** Whether a file that is for nobody is what the URL answers. */
async function plain(url: string, file: string): Promise<'shown' | 'hidden'> {
  const { status, body } = await get(url)
  if (status !== 200) return 'hidden'
  try {
    return readFileSync(file, 'utf8') === body ? 'shown' : 'hidden'
  } catch {
    return 'hidden'
  }
}
