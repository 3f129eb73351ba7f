import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildConfig, settingsEnvironment } from '../config.ts'
import { addressesIn, addressesOf, isHostKey, namesToResolve } from './host-keys.ts'

const INI =
  '[admin]\nhostname = admin.example\nport = 80\n[shop]\ndb_hostname = db\nhostnames = db;10.0.0.1; other ;null\nother_hostname = /run/db.sock\n'

test('a key that names hosts has their addresses in a variable beside its own', () => {
  const layers = [{ layer: 'user', file: '/c.ini', text: INI }] as const
  const { config } = buildConfig(layers, { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '2' }, 'GENERIC')
  assert.deepEqual(namesToResolve(config.texts), ['admin.example', 'db', 'other'])
  const addresses = new Map([
    ['admin.example', '192.0.2.1'],
    ['db', '192.0.2.2'],
  ])
  const environment = settingsEnvironment({ ...config, addresses })
  const of = (name: string) => [environment[`MFSERV_${name}`], environment[`MFSERV_${name}_IP`]]
  assert.deepEqual(of('ADMIN_HOSTNAME'), ['admin.example', '192.0.2.1'])
  assert.deepEqual(of('SHOP_DB_HOSTNAME'), ['db', '192.0.2.2'])
  assert.deepEqual(of('SHOP_HOSTNAMES'), ['db;10.0.0.1; other ;null', '192.0.2.2;10.0.0.1;dns_error;null'])
  assert.deepEqual(of('SHOP_OTHER_HOSTNAME'), ['/run/db.sock', '/run/db.sock'])
  assert.deepEqual(of('ADMIN_PORT'), ['80', undefined])
})

test('only a key for hosts is one', () => {
  assert.deepEqual(['hostname', 'a_hostname', 'hostnames', 'a_hostnames', 'ahostname', 'host'].map(isHostKey), [
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

test('an address and what is no name is asked about nobody', () => {
  for (const text of ['10.0.0.1', '::1', 'fe80::1', 'null', '', '/a/b', 'a b', '-x'])
    assert.equal(addressesOf(text, new Map()), text)
})

test('the file of hosts is read with its comments, and the first address counts', () => {
  assert.deepEqual(Object.fromEntries(addressesIn('127.0.0.1 localhost\n# 1.1.1.1 a\n::1 localhost b # c\n\n')), {
    localhost: '127.0.0.1',
    b: '::1',
  })
})
