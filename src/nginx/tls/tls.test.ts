import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppCase, MACHINE, routesOf, type ServerCase } from '../../../test/support/routes-fixture.ts'
import type { NginxMachine } from '../machine.ts'
import { render } from '../render.ts'

const certificate = (section: string, ...names: readonly string[]) => ({
  section,
  names,
  certificate: `/${section}.crt`,
  key: `/${section}.key`,
})
const OWN = certificate('own', 'example.org')
const SHOP = certificate('shop', 'shop.org', '*.shop.org')
const HTTP2 = new Set([...MACHINE.modules, 'http_v2_module'])

test('a virtual host whose names all have one certificate has it, and other servers do not', () => {
  const lines = served({ certificates: [OWN, certificate('shop', 'shop.org')] }, [{ app: 'main', hosts: ['shop.org'] }])
  assert.deepEqual(certificatesIn(lines), ['"/own.crt";', 'server_name 127.0.0.1;', 'server_name "shop.org";', '"/shop.crt";'])
})

test('where clients of one server get several certificates, nginx chooses by the name that they ask for', () => {
  const [rest, wild] = ['server_name 127.0.0.1;', 'server_name "*.shop.org";']
  const byName = '$mfserv_certificate;'
  assert.deepEqual(certificatesIn(served({ certificates: [OWN, SHOP] }, [])), ['"/own.crt";', rest, byName])
  const more = served({ certificates: [OWN, SHOP, certificate('a', 'a.shop.org')] }, [{ app: 'main', hosts: ['*.shop.org'] }])
  assert.deepEqual(certificatesIn(more), ['"/own.crt";', rest, byName, wild, byName])
  assert.ok(more.includes('"a.shop.org" "/a.key";'))
})

test('one certificate stands in front of all servers, and nothing is chosen', () => {
  const lines = served({ certificates: [OWN] }, [{ app: 'main', hosts: ['example.org', 'www.example.org'] }])
  assert.deepEqual(
    certificatesIn(lines).filter((line) => !line.startsWith('server_name')),
    ['"/own.crt";'],
  )
  assert.ok(!lines.some((line) => line.includes('mfserv_certificate')))
})

test('HTTP/2 is asked for in the way that the version of nginx knows, and not of one that is built without it', () => {
  const http2 = (machine: Partial<NginxMachine>, isOn = true) =>
    served({ certificates: [OWN], http2: isOn }, [], { ...MACHINE, ...machine }).filter((line) => /http2/.test(line))
  assert.deepEqual(http2({ modules: HTTP2, version: [1, 22, 1] }), ['listen 443 ssl http2 default_server backlog=4096;'])
  assert.deepEqual(http2({ modules: HTTP2, version: [1, 25, 0] }), ['listen 443 ssl http2 default_server backlog=4096;'])
  assert.deepEqual(http2({ modules: HTTP2, version: [1, 25, 1] }), ['http2 on;'])
  assert.deepEqual(http2({ modules: HTTP2, version: [1, 26, 3] }), ['http2 on;'])
  assert.deepEqual(http2({ modules: HTTP2, version: [1, 26, 3] }, false), [])
  assert.deepEqual(http2({ version: [1, 26, 3] }), [])
})

test('HTTP/3 is spoken and told of where nginx is built with it', () => {
  const http3 = (modules: readonly string[], isOn: boolean) =>
    served({ certificates: [OWN], http3: isOn }, [{ app: 'main', hosts: ['a.org'] }], {
      ...MACHINE,
      modules: new Set(modules),
    }).filter((line) => /quic|h3|Alt-Svc/.test(line))
  assert.deepEqual(
    [...new Set(http3(['http_v3_module'], true))],
    ['add_header Alt-Svc "h3=\\":443\\"; ma=86400" always;', 'listen 443 quic reuseport default_server;', 'listen 443 quic;'],
  )
  assert.deepEqual(http3(['http_v3_module'], false), [])
  assert.deepEqual(http3([], true), [])
})

function served(tls: NonNullable<ServerCase['tls']>, apps: readonly AppCase[], machine = MACHINE): readonly string[] {
  const plugins = [{ plugin: 'blog', apps }]
  const rendered = render(routesOf({ server: { port: 80, httpsPort: 443, tls }, plugins }, '/HOME'), machine)
  return ('text' in rendered ? rendered.text : assert.fail(JSON.stringify(rendered))).split('\n').map((line) => line.trim())
}

/** The certificate of each server behind its names; that of all servers stands in front. */
function certificatesIn(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => /^(?:ssl_certificate|server_name) /.test(line))
    .map((line) => line.replace('ssl_certificate ', ''))
}
