import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { routesOf } from '../../test/support/routes-fixture.ts'
import type { DesiredApp, DesiredState } from '../desired/desired.ts'
import type { AppId, SpecHash } from '../desired/ids.ts'
import { appId, holdName } from '../desired/slot.ts'
import { pathsOf } from '../host/home/paths.ts'
import type { Front } from '../host/nginx/front.ts'
import { BoundsWatch } from '../host/workers/bounds/watch.ts'
import { HangWatch } from '../host/workers/hang-watch.ts'
import { Workers } from '../host/workers/workers.ts'
import { DemandWatch } from './demand/demand-watch.ts'
import { type Machinery, round } from './loop.ts'
import { Publisher } from './publisher.ts'
import { DiskQuotas } from './quota/disk-quotas.ts'

const NO_FRONT: Front = {
  pid: () => undefined,
  prove: () => Promise.resolve([]),
  publish: () => assert.fail('nginx is off'),
  stop: () => Promise.resolve(),
}

test('what goes wrong with one plugin is logged once with its name, and costs the others nothing', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'loop'))
  t.after(() => rmSync(home, { recursive: true }))
  const paths = pathsOf(home)
  const workers = new Workers(paths, () => undefined)
  const holds = new Map()
  const machinery: Machinery = {
    paths,
    workers,
    hangs: new HangWatch(workers),
    quotas: new DiskQuotas(paths, () => undefined),
    bounds: new BoundsWatch(workers, () => ({ machineBytes: 0 })),
    publisher: new Publisher(NO_FRONT, () => undefined),
    holds,
    demand: new DemandWatch({ workers, holds }),
    ring: () => undefined,
    holdLimits: () => ({ waitMs: 1000, waiting: 10 }),
    limits: { starting: 4 },
    faults: new Map(),
  }
  const [broken, sound] = [appId('broken', 'web'), appId('sound', 'web')]
  // No socket can be made where a directory is.
  mkdirSync(join(paths.run, holdName(broken)), { recursive: true })
  const said = t.mock.method(process.stdout, 'write', () => true)
  const desired = desiring([broken, sound], home)
  for (let rounds = 0; rounds < 3; rounds += 1) await round(desired, machinery)
  const errors = said.mock.calls.map(({ arguments: [text] }) => String(text)).filter((text) => text.includes('ERROR'))
  said.mock.restore()
  t.after(() => machinery.holds.get(sound)?.close())
  t.after(() => {
    for (const { state } of workers.observed()) if ('process' in state) process.kill(state.process.pid, 'SIGKILL')
  })
  assert.equal(errors.length, 1)
  assert.match(errors[0] ?? '', /plugin broken: open-hold failed: .*broken\.web\.hold\.sock/)
  assert.deepEqual([...machinery.holds.keys()], [sound])
  assert.deepEqual(
    workers.observed().map(({ app }) => app),
    [sound],
  )
})

function desiring(apps: readonly AppId[], home: string): DesiredState {
  return {
    apps: new Map(apps.map((id) => [id, appIn(id, home)])),
    candidates: new Map(),
    routes: routesOf({}, home),
    plugins: [],
    routesKey: 'routes',
    ownCertificates: [],
    cron: [],
    stopped: new Set(),
    asides: new Map(),
    front: false,
    problems: new Map(),
    candidateProblems: new Map(),
  }
}

function appIn(id: AppId, home: string): DesiredApp {
  const [plugin = '', app = ''] = id.split('/')
  const limits = { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined }
  return {
    id,
    plugin,
    app,
    kind: 'app',
    slots: 1,
    spec: {
      hash: 'hash' as SpecHash,
      argv: ['sleep', '600'],
      env: { PATH: process.env['PATH'] ?? '' },
      cwd: '/',
      limits,
      logFile: join(home, 'log', plugin),
      ready: { by: 'living', forMs: 600_000 },
      drainMs: 1000,
      graceMs: 1000,
      maxAgeMs: 0,
    },
  }
}
