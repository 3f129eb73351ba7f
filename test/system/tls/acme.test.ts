import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { type Authority, startAuthority } from '../../acme/pebble.ts'
import { type Handshake, handshake } from '../../support/certificate.ts'
import { createPlugin, edit, eventually, freePort, get, newWorld, setKey, type World } from '../world.ts'

const NAMES = ['www.example.org', 'shop.example.org']

describe('a certificate from an authority', () => {
  let world: World
  let authority: Authority
  let https: number
  let file: string

  before(async () => {
    world = await newWorld()
    https = await freePort()
    file = join(world.home, 'config/config.ini')
    authority = await startAuthority(pathsOf(runtimeHome()), world.port)
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}https_port = ${https}\nhttps_redirect = 1\n[acme]
names = ${NAMES.join(', ')}\ndirectory = ${authority.directory}\naccept_terms = 1\nca = ${authority.ca}
eab_kid = ${authority.eab.kid}\neab_hmac_key = wrong\n`,
    )
    await world.start()
    const plugin = await createPlugin(world, 'blog', 'static')
    setKey(plugin, 'prefix_based_routing_extra_routes', '/')
    setKey(plugin, 'virtualdomain_based_routing', '1')
    edit(join(plugin, 'config.ini'), '[app_main]', '[app_main]\nvirtualdomain_based_routing_extra_vhosts = shop.example.org')
  })
  after(async () => {
    await world.end()
    authority.end()
  })

  test('HTTP is served before there is one, and what the authority says to a wrong account is told with the line', async () => {
    const { problems } = await world.until('the refusal is told', (report) => report.problems.some(isFailure))
    const problem = problems.find(isFailure)
    assert.equal(problem?.file, file)
    assert.match(problem?.message ?? '', /gave no certificate for www\.example\.org, shop\.example\.org: /)
    assert.equal((await get(`${world.url}/blog/`)).status, 200)
    assert.equal((await get(`${world.url}/.well-known/acme-challenge/none`)).status, 404)
  })

  test('it is fetched for all names at once, served, and told with its end', async () => {
    edit(file, 'eab_hmac_key = wrong', `eab_hmac_key = ${authority.eab.key}`)
    await world.until('the right one is in force', ({ configuration }) => configuration === 'as written')
    const { stdout } = await world.must('mfserv', ['cert', 'renew'])
    assert.match(stdout, /^www\.example\.org, shop\.example\.org: a certificate until \d{4}-/)
    for (const name of NAMES) assert.match((await served(name)).issuer, /Pebble Intermediate/)
    const { problems, certificates } = await world.status()
    assert.deepEqual(problems, [])
    assert.deepEqual(
      certificates?.map(({ section, names }) => [section, names]),
      [['acme', NAMES]],
    )
    assert.equal((await get(`${world.url}/blog/`)).status, 308, 'and now plain HTTP leads to HTTPS')
  })

  test('it is renewed through the redirect, from the same account, when a third of its life is left', async () => {
    const before = await served('www.example.org')
    const { acme } = pathsOf(world.home)
    const account = readFileSync(join(acme, 'account.json'), 'utf8')
    const issued = join(acme, 'issued.json')
    const facts = JSON.parse(readFileSync(issued, 'utf8'))
    writeFileSync(
      issued,
      JSON.stringify({ ...facts, from: facts.from - 2 * (facts.until - facts.from), until: Date.now() + 1000 }),
    )
    await eventually('another one is served', async () => (await served('www.example.org')).serial !== before.serial || undefined)
    assert.equal(readFileSync(join(acme, 'account.json'), 'utf8'), account)
  })

  test('an authority that is down changes nothing of what serves', async () => {
    const before = await served('shop.example.org')
    authority.stop()
    const { code, stderr } = await world.run('mfserv', ['cert', 'renew'])
    assert.equal(code, 1)
    assert.match(stderr, /ECONNREFUSED.*\(ACME_FAILED\)/)
    const { status } = await world.until('it is told', (report) => report.problems.some(isFailure))
    assert.equal(status, 'RUNNING')
    assert.equal((await served('shop.example.org')).serial, before.serial)
  })

  test('the keys can be read by nobody else, and no plugin gets to see the binding', async () => {
    const { acme } = pathsOf(world.home)
    for (const entry of readdirSync(acme, { recursive: true, withFileTypes: true }))
      assert.equal(statSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, entry.name)
    assert.deepEqual(readdirSync(join(acme, 'challenges')), [])
    const { stdout } = await world.must('plugin_wrapper', ['blog', '--', 'env'])
    assert.ok(!stdout.includes(authority.eab.key))
  })

  function served(name: string): Promise<Handshake> {
    return eventually(`${name} is served`, () => handshake(https, name).catch(() => undefined))
  }
})

function isFailure({ code }: { readonly code: string }): boolean {
  return code === 'ACME_FAILED'
}
