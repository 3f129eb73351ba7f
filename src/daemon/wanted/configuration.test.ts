import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, utimesSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, writeFile } from '../../../test/system/world.ts'
import { pathsOf } from '../../host/home/paths.ts'
import type { Millis } from '../../time.ts'
import { Configuration, type Prove } from './configuration.ts'

/** A file counts as it is once it has been left alone for 150 ms: time that has to pass here, for there is nothing to see. */
const SEVERAL_QUIET_TIMES_MS = 500
const TAKEN: Prove = async () => []

interface Module {
  readonly file: string
  readonly begin: (prove?: Prove) => Promise<Configuration>
}

/** A module whose configuration, port 18001, was good before. */
async function goodModule(t: TestContext): Promise<Module> {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  const site = process.env['MFSERV_SITE_DIRECTORY']
  process.env['MFSERV_SITE_DIRECTORY'] = join(home, 'site')
  t.after(() => {
    if (site === undefined) delete process.env['MFSERV_SITE_DIRECTORY']
    else process.env['MFSERV_SITE_DIRECTORY'] = site
    rmSync(home, { recursive: true })
  })
  const paths = pathsOf(home)
  const file = join(paths.config, 'config.ini')
  writeFile(file, '[nginx]\nport = 18001\n')
  utimesSync(file, 1, 1)
  const begin = (prove: Prove = TAKEN): Promise<Configuration> => Configuration.begin(paths, prove)
  const before = await begin()
  before.taken(0 as Millis)
  return { file, begin }
}

function portOf({ inForce }: Configuration): number {
  return inForce.config.settings.nginx.port
}

test('a change of the configuration whose trial failed is tried again, although the file has changed no more since', async (t) => {
  const { file, begin } = await goodModule(t)
  const full = new Error('the disk is full')
  let tries = 0
  const configuration = await begin(async () => {
    tries += 1
    if (tries === 1) throw full
    return []
  })
  writeFile(file, '[nginx]\nport = 18002\n')
  await eventually('the file is whole', () =>
    configuration.refresh('stale').then(
      () => undefined,
      (error: unknown) => error === full || undefined,
    ),
  )
  assert.equal(portOf(configuration), 18_001)
  assert.equal(await configuration.refresh('stale'), 'changed')
  assert.equal(portOf(configuration), 18_002)
})

test('a start waits for who is writing the configuration, and so has no default in place of what is still to come', async (t) => {
  const { file, begin } = await goodModule(t)
  const writer = openSync(file, 'w')
  const begun = begin()
  // The file has been left alone for longer than any writer leaves it: that it is open is all that keeps the start waiting.
  const first = await Promise.race([begun.then(() => 'it started'), delay(SEVERAL_QUIET_TIMES_MS, 'it waits')])
  assert.equal(first, 'it waits')
  writeSync(writer, '[nginx]\nport = 18003\n')
  closeSync(writer)
  assert.equal(portOf(await begun), 18_003)
})
