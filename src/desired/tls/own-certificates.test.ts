import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installed, WSGI } from '../../../test/support/desired-fixture.ts'
import type { InstalledPlugin } from '../installed.ts'
import { routesOf } from '../routes.ts'
import { ownCertificates } from './own-certificates.ts'

const PLACES = { run: '/run', hostnames: ['box'], timeoutSeconds: 60, reserved: [] }
const PAIR = 'ssl_certificate=conf/c.pem\nssl_certificate_key=/keys/k.pem\n'
const HOSTS = 'virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=Shop.org,*.shop.org\n'

const own = (...plugins: readonly InstalledPlugin[]) => ownCertificates(plugins, routesOf(plugins, PLACES).routes)

test('the certificate of an app is for the virtual hosts that it has, by the path that leads to the present release', () => {
  const [one, ...more] = own(installed('shop', `${WSGI}${HOSTS}${PAIR}`, { servedFrom: '/served/shop' }))
  assert.deepEqual(more, [])
  assert.deepEqual(
    [one?.section, one?.certificate, one?.key, one?.where?.line],
    ['shop/main', '/served/shop/conf/c.pem', '/keys/k.pem', 15],
  )
  assert.deepEqual(one?.names.slice(-2), ['shop.org', '*.shop.org'])
})

test('a name that another app has is none of it, and without virtual hosts there is none', () => {
  const first = installed('blog', `${WSGI}virtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=shop.org\n`)
  const [one] = own(first, installed('shop', `${WSGI}${HOSTS}${PAIR}`))
  assert.ok(one !== undefined && !one.names.includes('shop.org') && one.names.includes('*.shop.org'))
  assert.deepEqual(own(installed('shop', `${WSGI}${PAIR}`)), [])
})
