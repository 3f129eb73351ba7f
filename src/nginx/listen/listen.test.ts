import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MACHINE, routesOf } from '../../../test/support/routes-fixture.ts'
import type { ServerSettings } from '../../desired/desired.ts'
import { formatProblem } from '../../problem.ts'
import type { NginxMachine } from '../machine.ts'
import { render } from '../render.ts'
import { listenProblem } from './refused.ts'

const IPV6: NginxMachine = { ...MACHINE, hasIpv6: true }

test('nginx listens on all of IPv6 as well, where the machine has it', () => {
  assert.deepEqual(listening({}, MACHINE), ['18868'])
  assert.deepEqual(listening({}, IPV6), ['18868', '"[::]:18868"'])
})

test('an address that the administrator wrote is taken as it is', () => {
  const listen = [
    { address: '127.0.0.1', port: 80, tls: false },
    { address: '[::1]', port: 81, tls: false },
  ]
  for (const machine of [MACHINE, IPV6]) assert.deepEqual(listening({ listen }, machine), ['"127.0.0.1:80"', '"[::1]:81"'])
})

test('a port that nginx may not have is told with its line, and with both ways to get it', () => {
  const where = { file: 'config.ini', line: 3 }
  const output = 'nginx: [emerg] bind() to 127.0.0.1:80 failed (13: Permission denied)'
  const problem = listenProblem(output, [{ address: '127.0.0.1', port: 80, tls: false, where }])
  assert.equal(
    formatProblem(problem ?? assert.fail()),
    'config.ini:3  nginx may not listen on 127.0.0.1:80: permission denied  (PORT_RIGHT)\n  A port below 1024 needs a right. As root, do one of these: mfserv service install; setcap cap_net_bind_service=+ep on the program nginx; sysctl net.ipv4.ip_unprivileged_port_start=80.',
  )
  assert.equal(listenProblem('bind() to 127.0.0.1:80 failed (98: Address already in use)', []), undefined)
})

function listening(server: Partial<ServerSettings>, machine: NginxMachine): readonly string[] {
  const rendered = render(routesOf({ server }, '/HOME'), machine)
  const text = 'text' in rendered ? rendered.text : assert.fail()
  return [...text.matchAll(/listen (.*) default_server/g)].map(([, address = '']) => address)
}
