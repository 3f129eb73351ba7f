import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { daemonRecord, recordDaemon, runningDaemon } from './daemon-record.ts'

function recordIn(t: TestContext): { readonly home: string; readonly daemon: string } {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const home = join(directory, 'home')
  mkdirSync(home)
  recordDaemon({ daemon: join(home, 'daemon.json') }, 'code', 'supervising')
  return { home, daemon: join(home, 'daemon.json') }
}

test('a copy of a runtime home has no daemon, however much the one of the original lives', (t) => {
  const { home, daemon } = recordIn(t)
  const copy = `${home}-copy`
  cpSync(home, copy, { recursive: true })
  assert.equal(runningDaemon({ daemon: join(copy, 'daemon.json') }), undefined)
  assert.equal(runningDaemon({ daemon })?.pid, process.pid)
})

test('a runtime home that was moved keeps its daemon', (t) => {
  const { home } = recordIn(t)
  renameSync(home, `${home}-moved`)
  const record = daemonRecord({ daemon: join(`${home}-moved`, 'daemon.json') })
  assert.deepEqual([record?.process.pid, record?.code, record?.phase], [process.pid, 'code', 'supervising'])
})
