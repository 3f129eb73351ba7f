import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../../test/system/world.ts'
import { askControl } from '../control/client.ts'
import { tryLock } from '../host/disk/lock.ts'
import { pathsOf } from '../host/home/paths.ts'
import { readMachine } from '../host/module/machine.ts'
import type { Front } from '../host/nginx/front.ts'
import { NOBODY } from '../host/service/service-manager.ts'
import { takePlace } from './hand-over.ts'
import { runDaemon } from './run.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfdaemon'))
after(() => rmSync(directory, { recursive: true, force: true }))

test('a daemon that fails says why, and leaves its socket and its lock to the next one', async () => {
  const paths = pathsOf(directory)
  mkdirSync(paths.config)
  writeFileSync(join(paths.config, 'config.ini'), '[nginx]\nflag = 0\nport = 0\n')
  const machine = readMachine(paths, { python3: 'python3', library: directory }, {})
  const failed = assert.rejects(
    runDaemon({ paths, machine, front: UNSTOPPABLE, code: 'one', manager: NOBODY }),
    /it does not let go/,
  )
  await eventually('it answers', async () => ((await askControl(paths.control, 'POST /stop')) === undefined ? undefined : true))
  await failed
  assert.equal(await askControl(paths.control, 'GET /status'), undefined)
  const lock = tryLock(paths.lock)
  assert.ok(lock)
  lock.release()
})

test('a second daemon of a runtime home changes nothing, and says how to ask or end the first', async () => {
  const paths = pathsOf(directory)
  const lock = tryLock(paths.lock)
  assert.ok(lock)
  await assert.rejects(takePlace(paths, 'other code', 'nobody'), { code: 'DAEMON_RUNS', fix: /mfserv\.status.*mfserv\.stop/ })
  lock.release()
})

const UNSTOPPABLE: Front = {
  pid: () => undefined,
  prove: () => Promise.resolve([]),
  publish: () => Promise.resolve({ is: 'running', did: 'nothing', quarantined: new Map(), withKeptFragments: new Map() }),
  stop: () => Promise.reject(new Error('it does not let go')),
}
