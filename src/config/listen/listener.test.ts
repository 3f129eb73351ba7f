import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { buildConfig } from '../config.ts'
import { askedAt, listenersIn, listenersOf, listenerText } from './listener.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
const ports = { port: 80, httpsPort: 443, listen: [] }

test('listen takes addresses of both families, ports alone and ssl, and is written back as it was', () => {
  for (const text of ['8080', '127.0.0.1:8080, [::]:443 ssl', '*:80, 8443 ssl, [::1]:80', '[2001:db8::1]:443 ssl']) {
    const read = listenersIn(text)
    assert.ok('value' in read, text)
    assert.equal(read.value.map(listenerText).join(', '), text)
  }
  assert.deepEqual(listenersIn('null'), { value: [] })
})

test('what is no address, no port or there twice is refused', () => {
  const wrong = [
    ...['localhost:80', '127.0.0.1', '256.0.0.1:80', '1.2.3:80', '::1:80', '[::x]:80', '[1.2.3.4.5]:80', '80 http2'],
    ...['0', '65536', ':80', '80 ssl ssl', '1.2.3.4:80;', '8080, 8080', '127.0.0.1:80, 127.0.0.1:80 ssl'],
  ]
  for (const text of wrong) assert.ok('expected' in listenersIn(text), text)
})

test('without listen nginx listens on every address, at the two ports', () => {
  assert.deepEqual(listenersOf(ports).map(listenerText), ['80', '443 ssl'])
  assert.deepEqual(listenersOf({ ...ports, port: 0 }).map(listenerText), ['443 ssl'])
})

test('this machine asks nginx at an address that it listens on, without TLS where that is possible', () => {
  const asked = (text: string): unknown => {
    const read = listenersIn(text)
    const at = 'value' in read ? askedAt({ port: 0, httpsPort: 0, listen: read.value }) : undefined
    return at && `${at.protocol} ${at.host} ${at.port}`
  }
  assert.equal(asked('443 ssl, 8080'), 'http: 127.0.0.1 8080')
  assert.equal(asked('[::]:443 ssl'), 'https: ::1 443')
  assert.equal(asked('[2001:db8::1]:80'), 'http: 2001:db8::1 80')
  assert.equal(asked('10.1.2.3:80, 127.0.0.1:81'), 'http: 10.1.2.3 80')
  assert.equal(asked('null'), undefined)
})

test('port and https_port are those of the first addresses in listen, and have no effect beside it', () => {
  const text = '[nginx]\nport = 9000\nlisten = 127.0.0.1:8080, 8443 ssl\nssl_certificate = /c.pem\nssl_certificate_key = /k.pem\n'
  const { config, problems } = buildConfig([{ layer: 'user', file: 'config.ini', text }], VARIABLES, '')
  const { nginx } = config.settings
  assert.deepEqual([nginx.port, nginx.https_port, config.texts.get('nginx')?.get('port')?.text], [8080, 8443, '8080'])
  assert.deepEqual(problems.map(formatProblem), [
    'config.ini:2  port has no effect: listen says every address  (INI_IGNORED_KEY)\n  Remove the line, or the key listen.',
  ])
})

test('an address with ssl and no certificate is refused, and the others are served', () => {
  const text = '[nginx]\nlisten = 127.0.0.1:8080, [::]:443 ssl\n'
  const { config, problems } = buildConfig([{ layer: 'user', file: 'config.ini', text }], VARIABLES, '')
  assert.deepEqual(config.settings.nginx.listen.map(listenerText), ['127.0.0.1:8080'])
  assert.equal(problems.length, 2)
  assert.equal(
    formatProblem(problems[0] ?? assert.fail()),
    'config.ini:2  listen has an address with ssl, but ssl_certificate names no file  (INI_BAD_VALUE)\n  Write both files of the certificate and a port of its own, or an address without ssl.',
  )
})
