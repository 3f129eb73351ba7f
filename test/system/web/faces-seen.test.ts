import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import axe from 'axe-core'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { findChromium } from '../../chromium.ts'
import { ask } from '../nginx/place.ts'
import { eventually, get, newWorld, type World, writeFile } from '../world.ts'

const GENERAL = '[general]\nversion=1.0\nsummary=a\nlicense=a\nurl=http://a\nmaintainer=A <a@b.c>\nvendor=a\n'
const WSGI = 'def app(environ, start_response):\n    start_response("200 OK", [])\n    return [b"I serve"]\n'
const BROKEN = 'print("<script>alert(1)</script> & a token")\nimport nothing_of_that_name\n'
/** It never answers /slow, and ends with whoever asks for /die. */
const SERVER = `require('node:http')
  .createServer(({ url }, response) => {
    if (url.endsWith('/die')) process.exit(1)
    if (!url.endsWith('/slow')) response.end()
  })
  .listen(process.argv[2])
`
const REAL = `[app_main]\ntype=node\nmain_arg=server.js\nworkers=1\ntimeout=1\n[app_few]\ntype=static\nrate_limit=1/m\n`
const STATUSES = [404, 413, 429, 502, 503, 504] as const
/** A phone and a desk. */
const WIDTHS = [390, 1280] as const

describe('what a browser on this machine sees in the place of an app', () => {
  let world: World
  let shop: string
  let browser: BrowserContext | undefined
  let page: Page
  let profile: string

  before(async () => {
    world = await newWorld('error_page = none.html\n')
    shop = makePlugin('shop', '[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:app\nworkers=1\n', { 'main/wsgi.py': BROKEN })
    makePlugin('wrong', '[app_main]\ntype=nonsense<b>\n', {})
    const locations = STATUSES.map((status) => `location = /face/${status} { return ${status}; }\n`)
    const site = '[app_main]\ntype=static\n'
    makePlugin('site', `extra_nginx_server_conf_filename=face.conf\n${site}`, {
      'face.conf': locations.join(''),
      'main/index.html': 'x',
    })
    const closed = '[app_closed]\ntype=static\nauth_basic_user_file=/nowhere/htpasswd\n'
    makePlugin('open', `error_page=sorry.html\n${site}${closed}`, {
      'closed/index.html': 'x',
      'main/index.html': 'x',
      'sorry.html': '<p>sorry {{status}}</p>',
    })
    makePlugin('real', REAL, { 'main/server.js': SERVER, 'few/index.html': 'x' })
    makePlugin('rests', site, { 'main/index.html': 'x' })
    await world.start()
    await world.must('plugins.stop', ['rests'])
    await world.must('plugins.maintenance', ['site', 'on', '--retry-after', '60'])
    await world.until('the worker fails', ({ plugins }) =>
      plugins.some(({ state, name }) => name === 'shop' && state === 'failing'),
    )
    const installed = findChromium()
    if (installed === undefined) return
    profile = mkdtempSync(join(tmpdir(), 'mfchromium'))
    browser = await chromium.launchPersistentContext(profile, { ...installed, args: [...installed.args] })
    browser.setDefaultTimeout(60_000)
    page = await browser.newPage()
  })
  after(async () => {
    await browser?.close()
    if (profile !== undefined) rmSync(profile, { recursive: true, force: true })
    await world.end()
  })

  const faces = [
    { name: 'of a status', path: `/face/${STATUSES[0]}`, status: STATUSES[0], heading: /.+/ },
    { name: 'of a stopped plugin', path: '/rests/', status: 503, heading: /^Stopped$/ },
    { name: 'of maintenance', path: '/site/', status: 503, heading: /^Under maintenance$/ },
    { name: 'for the developer of a plugin that fails', path: '/shop/', status: 503, heading: /^The plugin shop is failing$/ },
    {
      name: 'for the developer of a plugin that is refused',
      path: '/wrong/x',
      status: 503,
      heading: /^The plugin wrong is refused$/,
    },
  ] as const
  for (const { name, path, status, heading } of faces) {
    test(`the page ${name} is right on a phone and on a desk, in the light and in the dark, for everybody`, async (context) => {
      if (!hasBrowser(context)) return
      await shows(path, status, heading)
      await isRight(page)
    })
  }

  test('the page of each other status has its words, and fits', async (context) => {
    if (!hasBrowser(context)) return
    for (const status of STATUSES.slice(1)) {
      await shows(`/face/${status}`, status, /.+/)
      await fits(page)
    }
  })

  test('the page for a developer names the place, the fix and the last output, and runs nothing that a worker wrote', async (context) => {
    if (!hasBrowser(context)) return
    await page.goto(`${world.url}/shop/`)
    assert.equal(await page.locator('.place').first().textContent(), `${shop}/main/wsgi.py:2`)
    assert.match((await page.locator('.fix').first().textContent()) ?? '', /^Fix what its output tells, in that line/)
    assert.match((await page.locator('pre').first().textContent()) ?? '', /<script>alert\(1\)<\/script> & a token/)
    assert.equal(await page.locator('script').count(), 1)
    await page.goto(`${world.url}/wrong/`)
    assert.match((await page.locator('.place').first().textContent()) ?? '', /wrong\/config\.ini:\d+$/)
    assert.equal(await page.locator('b').count(), 0)
  })

  test('an app that does not answer in time, ends with a request, or is asked too often: a real 504, 502 and 429', async () => {
    const asBrowser = { headers: { Accept: 'text/html' } }
    const isFace = async (path: string, status: number): Promise<boolean> => {
      const answer = await ask(world.port, path, asBrowser)
      if (answer.status !== status) return false
      const id = String(answer.headers['x-request-id'])
      assert.ok(answer.body.includes(`<p class="soft status">${status}`) && answer.body.includes(id), answer.body)
      assert.doesNotMatch(answer.body, /nginx/)
      return true
    }
    assert.ok(await isFace('/real/main/slow', 504))
    assert.ok(await isFace('/real/main/die', 502))
    await eventually('one too many', async () => (await isFace('/real/few/', 429)) || undefined)
  })

  test('curl gets the same as text, and whoever comes through a proxy or by a foreign name sees what visitors see', async () => {
    const { status, headers: told, body } = await ask(world.port, '/shop/')
    assert.deepEqual(
      [status, /^\d+$/.test(String(told['retry-after'])), body.includes(String(told['x-request-id']))],
      [503, true, true],
    )
    assert.match(body, /^503 The plugin shop is failing\n.*wsgi\.py:2 .*\(WORKER_FAILED\)\n[\s\S]*a token[\s\S]*\nRequest id: /)
    assert.match((await get(`${world.url}/wrong`)).body, /^503 The plugin wrong is refused\n.*config\.ini:\d+/)
    for (const headers of [{ 'X-Forwarded-For': '203.0.113.9' }, { Via: '1.1 a' }, { Host: 'evil.example.org' }]) {
      const strange = await ask(world.port, '/shop/', { headers })
      assert.equal(strange.status, 503)
      assert.doesNotMatch(strange.body, /shop|wsgi|token|nothing_of/)
      assert.match(String(strange.headers['retry-after']), /^\d+$/)
      assert.equal((await ask(world.port, '/wrong/', { headers })).status, 404)
    }
    assert.equal((await get(`${world.url}/nobody/`)).status, 404)
  })

  test('a page for errors and a file of passwords that are not there are named with their lines, and the rest is served', async () => {
    const { problems } = await world.status()
    assert.deepEqual(
      problems.map(({ code, file, line }) => [code, file, line]),
      [
        ['ERROR_PAGE', join(world.home, 'config/config.ini'), 4],
        ['PLUGIN_FILE_MISSING', join(world.home, 'sources/open/config.ini'), 13],
      ],
    )
    assert.equal((await get(`${world.url}/open/`)).body, 'x')
    assert.ok((await get(`${world.url}/open/closed/`)).status >= 400)
  })

  test('the welcome page tells why a plugin does not serve, links what serves, and knows the path that a proxy has put it at', async (context) => {
    if (!hasBrowser(context)) return
    await page.route(`${world.url}/deep/mf/**`, async (route) => {
      const response = await route.fetch({ url: route.request().url().replace('/deep/mf', '') })
      await route.fulfill({ response })
    })
    for (const base of ['', '/deep/mf']) {
      if (base !== '')
        await page.route(`${world.url}/__mfserv/**`, (route) => route.fulfill({ status: 404, body: 'another server' }))
      const answer = await page.goto(`${world.url}${base}/nobody/here`)
      assert.equal(answer?.status(), 404)
      const shown = page.locator('.plugins li', { hasText: 'shop' })
      await shown.waitFor()
      assert.match(
        (await shown.textContent()) ?? '',
        /failing.*main\/wsgi\.py:2a worker of app main failed.*Fix what its output tells/,
      )
      assert.match((await page.locator('.plugins li', { hasText: 'site' }).textContent()) ?? '', /in maintenance/)
      const links = await page.locator('.plugins a').evaluateAll((all) => all.map((one) => one.getAttribute('href')))
      // The worker of another one has ended with a request, and may be back.
      assert.deepEqual(
        links.filter((link) => link !== `${base}/real`),
        [`${base}/open/`],
      )
      assert.equal(await page.locator('#path').textContent(), '/nobody/here')
      assert.equal(await page.locator('ol code[data-path]').textContent(), `${base}/foo`)
    }
    assert.equal(await page.locator('pre').count(), await page.locator('button.copy').count())
    await page.locator('button.copy').first().click()
    await page.locator('button.copy', { hasText: /^(Copied|Selected)$/ }).waitFor()
    await isRight(page)
    assert.equal((await page.goto(`${world.url}/deep/mf/__mfserv/`))?.status(), 200)
    await page.locator('.plugins li', { hasText: 'shop' }).waitFor()
    assert.equal(await page.locator('#unclaimed').isVisible(), false)
  })

  test('the page for a developer shows the next fault, a worker that hangs at its start, and the app as soon as it serves', async (context) => {
    if (!hasBrowser(context)) return
    await page.goto(`${world.url}/shop/`)
    writeFile(join(shop, 'main/wsgi.py'), 'import another_name\n')
    await page.locator('pre', { hasText: 'another_name' }).waitFor()
    writeFile(join(shop, 'main/wsgi.py'), 'import time\nprint("reading the index", flush=True)\ntime.sleep(600)\n')
    await page.getByRole('heading', { name: /^main has been starting for \d+ s and does not answer yet$/ }).waitFor()
    await page.locator('pre', { hasText: 'reading the index' }).waitFor()
    writeFile(join(shop, 'main/wsgi.py'), WSGI)
    await page.getByText('I serve').waitFor()
  })

  test('a page for errors of the module is shown as soon as it is there and whenever it changes, but for a plugin with its own', async () => {
    const file = join(world.home, 'config/none.html')
    for (const text of ['first', 'second']) {
      writeFile(file, `<title>${text} {{status}}</title>\n`)
      await eventually(`the ${text} page is shown`, async () => {
        const { body } = await ask(world.port, '/face/404', { headers: { Accept: 'text/html' } })
        return body === `<title>${text} 404</title>\n` ? true : undefined
      })
    }
    assert.ok((await world.status()).problems.every(({ code }) => code !== 'ERROR_PAGE'))
    const ofPlugin = await ask(world.port, '/open/none', { headers: { Accept: 'text/html' } })
    assert.deepEqual([ofPlugin.status, ofPlugin.body], [404, '<p>sorry 404</p>'])
  })

  async function shows(path: string, status: number, heading: RegExp): Promise<void> {
    const answer = await page.goto(`${world.url}${path}`)
    assert.equal(answer?.status(), status)
    assert.match((await page.locator('h1').textContent()) ?? '', heading)
    assert.match((await page.locator('code').last().textContent()) ?? '', /^[0-9a-f]{16,}$/)
  }

  function hasBrowser(context: TestContext): boolean {
    if (browser === undefined) context.skip('there is no Chromium: test/install-chromium.ts installs it on Debian')
    return browser !== undefined
  }

  function makePlugin(name: string, config: string, files: Readonly<Record<string, string>>): string {
    const home = join(world.home, 'sources', name)
    writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    writeFile(join(home, 'config.ini'), `${GENERAL}${config}`)
    for (const [file, text] of Object.entries(files)) writeFile(join(home, file), text)
    const { plugins } = pathsOf(world.home)
    mkdirSync(plugins, { recursive: true })
    symlinkSync(home, join(plugins, name))
    return home
  }
})

/** Nothing is cut off at any width. */
async function fits(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(wide <= width, `${page.url()} is ${wide} wide in ${width}`)
  }
}

/** It fits, and axe finds no fault; in the dark only colours are others. */
async function isRight(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  await fits(page)
  for (const [colorScheme, rules] of [
    ['light', '{}'],
    ['dark', '{ runOnly: ["color-contrast"] }'],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    const faults = await page.evaluate<readonly string[]>(
      `axe.run(${rules}).then(({ violations }) => violations.map(({ id, nodes }) => id + nodes.map(({ html }) => html).join()))`,
    )
    assert.deepEqual(faults, [], `${page.url()} in the ${colorScheme}`)
  }
}
