import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bootstrapByPipe, mustMake } from '../make-plugin.ts'
import { ask, bootstrap, edit, eventually, get, newWorld, type World, writeFile } from '../world.ts'

describe('the flask template', () => {
  let world: World
  let home: string

  before(async () => {
    world = await newWorld()
    await world.start()
    home = await bootstrapByPipe(world, 'guide', 'flask', ['1.0', 'A guide', '2', '1', '', '', '', '1'])
    await mustMake(world, home)
  })
  after(() => world.end())

  test('the frozen versions of Flask and Jinja2 are in the plugin', () => {
    const frozen = readFileSync(join(home, 'python3_virtualenv_sources/requirements3.txt'), 'utf8')
    assert.match(frozen, /^flask==3\./im)
    assert.match(frozen, /^jinja2==3\./im)
  })

  test('the documented URLs give the documented answers', async () => {
    assert.deepEqual(await get(`${world.url}/guide/`), { status: 200, body: 'Hello World !' })
    const page = await ask(`${world.url}/guide/Zo%C3%A9`)
    assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
    assert.match(await page.text(), /<h1>Hello Zoé !<\/h1>/)
    const unknown = await ask(`${world.url}/guide/jinja2/x`)
    assert.deepEqual([unknown.status, unknown.headers.get('content-type')], [404, 'text/html; charset=utf-8'])
    assert.match(await unknown.text(), /no page at <code>\/guide\/jinja2\/x</)
    const bare = await ask(`${world.url}/guide`)
    assert.deepEqual([bare.redirected, new URL(bare.url).pathname, await bare.text()], [true, '/guide/', 'Hello World !'])
  })

  test('what a visitor writes into the URL is shown, not run', async () => {
    assert.match((await get(`${world.url}/guide/%3Cscript%3E`)).body, /Hello &lt;script&gt; !/)
  })

  test('a file in main/static is served by nginx, at the URL that url_for gives', async () => {
    writeFile(join(home, 'main/static/style.css'), 'h1 { color: teal }')
    edit(
      join(home, 'main/templates/template_urlparse/index.html'),
      '</head>',
      `<link rel="stylesheet" href="{{ url_for('static', filename='style.css') }}"></head>`,
    )
    const { body } = await eventually('the edited page is served', async () => {
      const page = await get(`${world.url}/guide/x`)
      return page.body.includes('stylesheet') ? page : undefined
    })
    const href = /href="([^"]+)"/.exec(body)?.[1] ?? ''
    const style = await eventually('nginx knows the new directory', async () => {
      const answer = await ask(`${world.url}${href}`)
      return answer.headers.get('cache-control') === 'no-cache' ? answer : undefined
    })
    assert.deepEqual([style.status, style.headers.get('content-type')], [200, 'text/css; charset=utf-8'])
  })

  test('an edited view is served a moment later', async () => {
    edit(join(home, 'main/wsgi.py'), 'Hello World !', 'Bonjour !')
    await eventually('the new text', async () => ((await get(`${world.url}/guide/`)).body === 'Bonjour !' ? true : undefined))
  })

  test('python3_flask without questions makes a plugin that answers the same', async () => {
    const other = await bootstrap(world, 'other', 'python3_flask')
    const { stdout } = await mustMake(world, other)
    assert.match(stdout, /other answers:\n {2}http:\/\/\S+\/other\/$/m)
    assert.deepEqual(await get(`${world.url}/other/`), { status: 200, body: 'Hello World !' })
  })
})
