import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readUnit, type UnitInput, unitBody, unitText } from './unit.ts'

const system: UnitInput = {
  version: '1.2.3',
  scope: { is: 'system', user: 'mfserv' },
  name: 'mfserv.service',
  program: '/opt/mfserv/bin/mfserv',
  runtimeHome: '/var/lib/mfserv/metwork/mfserv',
  environment: { MFCONFIG: 'PROD' },
  hasLowPort: true,
  again: { by: 'subgroup' },
  isMetwork: true,
}
const own: UnitInput = { ...system, scope: { is: 'user' }, environment: {}, isMetwork: false }
const lengthOf = (text: string): string => `${text.length}`

test('the unit of a machine: an ordinary user, ports below 1024, and what serves outlives the daemon', () => {
  assert.equal(
    unitText(system, lengthOf),
    `# Written by "mfserv service install" of mfserv 1.2.3.
# Do not change it here, but with: systemctl edit mfserv.service
# mfserv-unit: ${unitBody(system).length + 1}

[Unit]
Description=mfserv, in /var/lib/mfserv/metwork/mfserv
After=network.target nss-lookup.target remote-fs.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=/opt/mfserv/bin/mfserv daemon --take-over --even-same
ExecReload=/opt/mfserv/bin/mfserv restart --no-wait
User=mfserv
Environment="MFMODULE_RUNTIME_HOME=/var/lib/mfserv/metwork/mfserv"
Environment="MFSERV_GROUPS=1"
Environment="MFCONFIG=PROD"
UMask=0077
KillMode=process
Delegate=yes
DelegateSubgroup=daemon
Restart=on-failure
RestartSec=500ms
WatchdogSec=30
WatchdogSignal=SIGKILL
TimeoutStartSec=600
TimeoutStopSec=90
LimitNOFILE=65536
TasksMax=infinity
OOMPolicy=continue
AmbientCapabilities=CAP_NET_BIND_SERVICE

[Install]
WantedBy=multi-user.target
Alias=metwork.service
`,
  )
})

test('the unit of a user names no user, and asks for no right', () => {
  const text = unitText(own, lengthOf)
  assert.doesNotMatch(text, /^(User|AmbientCapabilities|After|Alias)=/m)
  assert.match(text, /^WantedBy=default\.target\n/m)
  assert.match(text, /^# .*: systemctl --user edit mfserv\.service\n/m)
  assert.doesNotMatch(unitBody({ ...system, hasLowPort: false }), /Capabilities/)
})

test('a unit file is as it was written, changed by hand, or of somebody else', () => {
  const text = unitText(system, lengthOf)
  const { runtimeHome } = system
  assert.deepEqual(readUnit(text, lengthOf), { is: 'as written', runtimeHome })
  assert.deepEqual(readUnit(text.replace('WatchdogSec=30', 'WatchdogSec=300'), lengthOf), { is: 'edited', runtimeHome })
  assert.deepEqual(readUnit(text.replace(/mfserv-unit: \d+/, 'mfserv-unit: 1'), lengthOf), { is: 'edited', runtimeHome })
  assert.deepEqual(readUnit('[Service]\nExecStart=/bin/true\n', lengthOf), { is: 'of others', runtimeHome: undefined })
})

test('a path can have any character, and is read again as it is', () => {
  for (const path of ['/a b', '/100%', '/a"b', '/a\\b', '/a\nb', '/$HOME', '/%h\\x41', "/a'b", '/ü']) {
    const text = unitText({ ...system, runtimeHome: path, program: `${path}/mfserv` }, lengthOf)
    assert.equal(readUnit(text, lengthOf).runtimeHome, path)
    assert.equal(text.split('\n').length, unitText(system, lengthOf).split('\n').length, path)
  }
  const exec = (program: string): string | undefined => /^ExecStart=(.*) daemon/m.exec(unitBody({ ...system, program }))?.[1]
  assert.deepEqual(['/a b', '/$a', '/100%', '/a"%'].map(exec), ['"/a b"', '"/$$a"', '/100%%', '"/a\\"%%"'])
})

test('before systemd could start a service again beside its groups, a script takes away what keeps it from that', () => {
  const text = unitBody({ ...system, again: { by: 'script', file: '/opt/mf serv/share/give-back-groups.sh' } })
  assert.match(text, /^Delegate=yes\nExecStopPost=-\/bin\/sh "\/opt\/mf serv\/share\/give-back-groups\.sh"$/m)
  assert.doesNotMatch(text, /DelegateSubgroup/)
})
