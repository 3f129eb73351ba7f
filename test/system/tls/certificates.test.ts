import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { handshake, type MadeCertificate, replaceBy, selfSigned, serialOf } from '../../support/certificate.ts'
import { createPlugin, edit, eventually, freePort, get, newWorld, setKey, untilNginxIsCalm, type World } from '../world.ts'

describe('certificates', () => {
  let world: World
  let https: number
  let file: string
  let own: MadeCertificate
  let shop: MadeCertificate
  let other: MadeCertificate
  const at = (name: string): string => join(world.home, name)

  before(async () => {
    world = await newWorld()
    https = await freePort()
    file = at('config/config.ini')
    own = selfSigned(at('own'), ['www.example.org'])
    shop = selfSigned(at('shop'), ['shop.example.org'])
    other = selfSigned(at('other'), ['*.other.org'])
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}https_port = ${https}\nhsts_max_age = 600\nhttps_redirect = 1
ssl_certificate = ${own.certificate}\nssl_certificate_key = ${own.key}
[certificate_shop]\ncertificate = ${shop.certificate}\nkey = ${shop.key}
[certificate_other]\ncertificate = ${other.certificate}\nkey = ${other.key}\n`,
    )
    await world.start()
    const plugin = await createPlugin(world, 'blog', 'static')
    setKey(plugin, 'virtualdomain_based_routing', '1')
    edit(join(plugin, 'config.ini'), '[app_main]', '[app_main]\nvirtualdomain_based_routing_extra_vhosts = shop.example.org')
    await eventually('the virtual host is served', async () => (await isServed('/', 'shop.example.org')) || undefined)
  })
  after(() => world.end())

  test('each name gets its own certificate, a virtual host or not, and all other names the first', async () => {
    assert.equal(await subject('www.example.org'), 'www.example.org')
    assert.equal(await subject('shop.example.org'), 'shop.example.org')
    assert.equal(await subject('a.other.org'), '*.other.org')
    assert.equal(await subject('nobody.org'), 'www.example.org')
  })

  test('TLS is 1.2 or 1.3, and HTTP/2 is spoken', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      assert.equal((await handshake(https, 'shop.example.org', version)).protocol, version)
    await assert.rejects(handshake(https, 'shop.example.org', 'TLSv1.1'))
    for (const name of ['www.example.org', 'shop.example.org', 'a.other.org'])
      assert.equal((await handshake(https, name)).alpn, 'h2', name)
  })

  test('plain HTTP leads to HTTPS, except for load balancers, and browsers are told to stay there', async () => {
    const answer = await fetch(`${world.url}/blog/a%20b?c=d`, { redirect: 'manual', headers: { Connection: 'close' } })
    assert.deepEqual([answer.status, answer.headers.get('location')], [308, `https://127.0.0.1:${https}/blog/a%20b?c=d`])
    assert.equal(answer.headers.get('strict-transport-security'), null)
    assert.equal((await get(`${world.url}/__health`)).status, 200)
    const { status, headers } = await page('/blog/')
    assert.deepEqual([status, headers['strict-transport-security']], [200, 'max-age=600'])
    const { stdout } = await world.must('mfserv.status')
    assert.match(stdout, /RUNNING/)
  })

  test('files that are replaced at 50 requests a second: the new certificate within 3 s, and no request is lost', async () => {
    for (const [place, name] of [
      [own, 'www.example.org'],
      [shop, 'shop.example.org'],
      [other, 'a.other.org'],
    ] as const) {
      const next = selfSigned(at('next'), [name])
      const serial = serialOf(next)
      const stop = load(name)
      replaceBy(place, next)
      const began = performance.now()
      await eventually('the new one is served', async () => (await handshake(https, name)).serial === serial || undefined)
      const took = performance.now() - began
      const { sent, lost } = await stop()
      assert.ok(took < 3000, `${took} ms`)
      assert.deepEqual(lost, [], `${sent} requests`)
      assert.ok(sent > 20)
    }
  })

  test('a bad pair is told with the line and the file, and the certificate from before stays, also over a restart', async () => {
    const before = await handshake(https, 'shop.example.org')
    const key = readFileSync(shop.key, 'utf8')
    const whole = readFileSync(shop.certificate, 'utf8')
    const encrypted = execFileSync('openssl', ['pkey', '-in', shop.key, '-aes128', '-passout', 'pass:secret'], {
      encoding: 'utf8',
    })
    const cases = [
      [shop.key, readFileSync(own.key, 'utf8'), /the key .*shop\.key does not belong to .*shop\.crt/],
      [shop.key, encrypted, /the key .*shop\.key is encrypted/],
      [shop.certificate, 'none', /shop\.crt has no certificate/],
      [shop.certificate, readFileSync(chainless(at('chainless'), shop.key), 'utf8'), /comes without its chain/],
    ] as const
    for (const [place, text, why] of cases) {
      writeFileSync(shop.key, key)
      writeFileSync(shop.certificate, whole)
      writeFileSync(place, text)
      const { problems } = await world.until(
        `${why} is told`,
        (report) => report.status === 'DEGRADED' && report.problems.some(({ message }) => why.test(message)),
      )
      const problem = problems.find(({ message }) => why.test(message))
      assert.deepEqual([problem?.code, problem?.file, problem?.line], ['CERTIFICATE', file, 10])
      assert.equal((await handshake(https, 'shop.example.org')).serial, before.serial)
    }
    await world.must('mfserv.stop')
    assert.equal((await world.run('mfserv.start')).code, 2)
    assert.equal((await handshake(https, 'shop.example.org')).serial, before.serial)
    writeFileSync(shop.certificate, whole)
    await world.until('the right files are taken', ({ status }) => status === 'RUNNING')
  })

  test('an app brings the certificate of its virtual hosts, and a bad one of an override changes nothing', async () => {
    const wiki = selfSigned(at('wiki'), ['wiki.example.org'])
    const plugin = await createPlugin(world, 'pages', 'static')
    const names = 'virtualdomain_based_routing_extra_vhosts = wiki.example.org, a.other.org, shop.example.org'
    setKey(plugin, 'virtualdomain_based_routing', '1')
    const pair = `ssl_certificate = ${wiki.certificate}\nssl_certificate_key = ${wiki.key}`
    edit(join(plugin, 'config.ini'), '[app_main]', `[app_main]\n${names}\n${pair}`)
    await eventually('it is served', async () => (await subject('wiki.example.org')) === 'wiki.example.org' || undefined)
    await untilNginxIsCalm(world)
    assert.equal(await subject('a.other.org'), 'wiki.example.org', 'what is written down counts more than what a certificate has')
    assert.equal(await subject('shop.example.org'), 'shop.example.org', 'the name of another app is not for this one')
    const [conflict] = (await world.plugin('pages')).problems.filter(({ code }) => code === 'ROUTE_CONFLICT')
    assert.match(conflict?.message ?? '', /^the host name "shop\.example\.org" of app main belongs to blog\/main already/)
    const lines = readFileSync(join(plugin, 'config.ini'), 'utf8').split('\n')
    assert.deepEqual([conflict?.file, conflict?.line], [join(plugin, 'config.ini'), lines.indexOf(names) + 1])
    const override = at('config/plugins/pages.ini')
    mkdirSync(dirname(override), { recursive: true })
    writeFileSync(override, `[app_main]\nssl_certificate = ${wiki.certificate}\nssl_certificate_key = ${own.key}\n`)
    const { problems } = await world.until('it is told', (report) => report.problems.some(({ code }) => code === 'CERTIFICATE'))
    const problem = problems.find(({ code }) => code === 'CERTIFICATE')
    assert.match(problem?.message ?? '', /^\[pages\/main\] the key .*own\.key does not belong to .*wiki\.crt$/)
    assert.deepEqual([problem?.file, problem?.line], [override, 2])
    assert.equal(await subject('wiki.example.org'), 'wiki.example.org')
    rmSync(override)
    writeFileSync(file, `${readFileSync(file, 'utf8')}names = wiki.example.org\n`)
    const told = await world.until('the line of the app is told, and no override any more', (report) =>
      report.problems.some(({ code, file: where }) => code === 'CERTIFICATE_NAME' && where === join(plugin, 'config.ini')),
    )
    const twice = told.problems.find(({ code }) => code === 'CERTIFICATE_NAME')
    assert.match(
      twice?.message ?? '',
      /^\[pages\/main\] has a certificate for wiki\.example\.org, which \[certificate_other\] has/,
    )
    await eventually('the module decides', async () => (await subject('wiki.example.org')) === 'a.other.org' || undefined)
  })

  test('what is kept of a certificate can be read by nobody else, and goes with the plugin', async () => {
    const { tls } = pathsOf(world.home)
    assert.deepEqual(readdirSync(tls).sort(), ['certificate_other', 'certificate_shop', 'nginx', 'pages%2Fmain'])
    for (const entry of readdirSync(tls, { recursive: true, withFileTypes: true }))
      assert.equal(statSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, entry.name)
    await world.must('plugins.uninstall', ['pages'])
    assert.ok(!readdirSync(tls).includes('pages%2Fmain'))
  })

  async function isServed(path: string, name: string): Promise<boolean> {
    return (await page(path, name)).status === 200
  }

  async function subject(name: string): Promise<string> {
    return (await handshake(https, name)).subject
  }

  function page(path: string, name = 'www.example.org'): Promise<{ status: number; headers: Readonly<Record<string, unknown>> }> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: https, path, servername: name, rejectUnauthorized: false, agent: false }
      const asked = request({ ...options, headers: { Host: name, Connection: 'close' } }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }))
        answer.on('error', reject)
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  /** 50 requests a second, each on a connection of its own. */
  function load(name: string): () => Promise<{ readonly sent: number; readonly lost: readonly string[] }> {
    const lost: string[] = []
    const all: Promise<unknown>[] = []
    const timer = setInterval(() => {
      const asked = page(name === 'shop.example.org' ? '/' : '/blog/', name).then(
        ({ status }) => status === 200 || lost.push(String(status)),
      )
      all.push(asked.catch((error: unknown) => lost.push(String(error))))
    }, 20)
    return async () => {
      const further = all.length + 15
      await eventually('requests have come after the change', () => all.length >= further || undefined)
      clearInterval(timer)
      await Promise.all(all)
      return { sent: all.length, lost }
    }
  }
})

/** A certificate that another one issued, alone in its file, for a key that is there. */
function chainless(place: string, key: string): string {
  const issuer = selfSigned(`${place}-issuer`, ['issuer'])
  const run = (...words: readonly string[]): unknown => execFileSync('openssl', words, { stdio: 'ignore' })
  run('req', '-new', '-key', key, '-subj', '/CN=shop.example.org', '-out', `${place}.csr`)
  run(
    'x509',
    '-req',
    '-in',
    `${place}.csr`,
    '-CA',
    issuer.certificate,
    '-CAkey',
    issuer.key,
    '-days',
    '30',
    '-out',
    `${place}.crt`,
  )
  return `${place}.crt`
}
