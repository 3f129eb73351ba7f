import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Place } from '../nginx/place.ts'
import { openFront } from './front.ts'

let place: Place

before(async () => {
  place = await openFront({
    spa: '[app_main]\ntype=static\nfallback=index.html\nvirtualdomain_based_routing=1\nprefix_based_routing_extra_routes=/extra\n',
    root: '[app_main]\ntype=static\nfallback=index.html\ndirectory=.\n',
    gone: '[app_main]\ntype=static\nfallback=index.html\n',
    site: '[app_main]\ntype=static\n',
    list: '[app_main]\ntype=static\ndirectory_listing=1\n',
    both: '[app_main]\ntype=static\ndirectory_listing=1\nfallback=app/shell.html\n',
  })
  const files = {
    'spa/main/index.html': 'the app',
    'spa/main/app.js': 'let a',
    'spa/main/docs/index.html': 'docs',
    'spa/main/docs/page': 'a page',
    'spa/main/assets/logo.svg': '<svg/>',
    'spa/main/.env': 'secret',
    'root/index.html': 'the root',
    'root/main.js': 'let b',
    'root/secrets.json': 'secret',
    'root/Makefile': 'secret',
    'site/main/index.html': 'home',
    'site/main/404.html': 'not here',
    'site/main/empty/file.txt': 'x',
    'site/main/deep/index.html': 'deep',
    'list/main/data/a <b>.csv': 'a',
    'list/main/data/.hidden': 'secret',
    'list/main/index.html': 'index',
    'both/main/app/shell.html': 'shell',
    'both/main/data/a.csv': 'a',
  }
  for (const [file, text] of Object.entries(files)) place.write(`plugins/${file}`, text)
})
after(() => place[Symbol.asyncDispose]())

async function got(path: string, host = '127.0.0.1'): Promise<readonly [number, string]> {
  const { status, body } = await ask(place.port, path, { headers: { Host: host } })
  return [status, body.trim()]
}

test('a single-page application answers each of its URLs with the page, at each of its addresses', async () => {
  for (const [prefix, host] of [['/spa'], ['/spa/main'], ['/extra'], ['', 'spa.test']] as const) {
    for (const url of ['/', '/users/7', '/users/7/?tab=a', '/a%20b/é', '/users/jane.doe', '/v1.2', '/nothing/', '/about.html']) {
      assert.deepEqual(await got(encodeURI(decodeURI(`${prefix}${url}`)), host), [200, 'the app'], `${prefix}${url}`)
    }
    assert.deepEqual(await got(`${prefix}/app.js`, host), [200, 'let a'])
    assert.deepEqual(await got(`${prefix}/docs/`, host), [200, 'docs'])
    assert.deepEqual(await got(`${prefix}/docs/page`, host), [200, 'a page'])
    // A directory that shows nothing is a URL like others.
    assert.deepEqual(await got(`${prefix}/assets`, host), [200, 'the app'])
    assert.deepEqual(await got(`${prefix}/assets/`, host), [200, 'the app'])
  }
  const { headers } = await ask(place.port, '/spa/users/7')
  assert.deepEqual([headers['content-type'], headers['cache-control']], ['text/html; charset=utf-8', 'no-cache'])
})

test('what a page loads is 404 where it is missing, and nothing hidden is shown', async () => {
  for (const url of ['/app-1a2b.js', '/a/b.CSS', '/x.png', '/font.woff2', '/api/data.json', '/.env', '/.git/config']) {
    assert.equal((await got(`/spa${url}`))[0], 404, url)
  }
  assert.equal((await ask(place.port, '/spa/users', { method: 'POST', body: 'x' })).status, 405)
})

test('an application whose page is missing answers 404', async () => {
  for (const url of ['/gone/', '/gone/users/7', '/gone/index.html']) assert.equal((await got(url))[0], 404, url)
})

test('an application in the directory of the plugin answers what is not for visitors as if it were not there', async () => {
  assert.deepEqual(await got('/root/main.js'), [200, 'let b'])
  assert.deepEqual(await got('/root/users/7'), [200, 'the root'])
  for (const file of ['secrets.json', 'Makefile', 'config.ini', 'package.json', 'main.py']) {
    const [, body] = await got(`/root/${file}`)
    assert.doesNotMatch(body, /secret/, file)
  }
  assert.equal((await got('/root/secrets.json'))[0], 404)
})

test('the 404.html of a site is what a missing page shows, with status 404', async () => {
  for (const url of ['/none', '/deep/none.css', '/.hidden', '/none/'])
    assert.deepEqual(await got(`/site${url}`), [404, 'not here'], url)
  assert.deepEqual(await got('/site/404.html'), [200, 'not here'])
  assert.match((await got('/list/none'))[1], /404 Not Found/)
})

test('a directory is found with and without its slash, and shows what is in it by choice alone', async () => {
  const redirected = await ask(place.port, '/site/main/deep?a=1')
  assert.deepEqual([redirected.status, redirected.headers.location], [301, '/site/main/deep/?a=1'])
  assert.equal((await got('/site/empty/'))[0], 403)
  assert.deepEqual(await got('/list/'), [200, 'index'])
  const [status, body] = await got('/list/data/')
  assert.equal(status, 200)
  assert.match(body, /a%20%3Cb%3E\.csv|a &lt;b&gt;\.csv/)
  assert.doesNotMatch(body, /hidden|<b>/)
  assert.equal((await got('/both/data/'))[0], 200)
  assert.deepEqual(await got('/both/else'), [200, 'shell'])
})
