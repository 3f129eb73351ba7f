import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { pathsOf } from '../paths.ts'
import { provision, provisionedFiles } from './provision.ts'
import { Timeline } from './timeline.ts'

const NO_CAUTION = { watchSeconds: 0, canaryPercent: 0, canarySeconds: 0 }
let directory: string
let env: NodeJS.ProcessEnv

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mfprovision'))
  env = { MFSERV_SITE_DIRECTORY: join(directory, 'site') }
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a machine without a site directory has nothing to provision', async () => {
  assert.deepEqual(provisionedFiles(env), [])
  assert.deepEqual(await provision(NO_CAUTION, surroundings()), [])
})

test('the .plugin files of both directories count, in the order of their names, and nothing else there', () => {
  for (const file of [
    'plugins/b.plugin',
    'plugins/a.plugin',
    'plugins/blog.ini',
    'plugins/c.plugin.tmp',
    'external_plugins/z.plugin',
  ])
    put(file)
  assert.deepEqual(
    provisionedFiles(env).map((file) => file.slice(join(directory, 'site').length + 1)),
    ['external_plugins/z.plugin', 'plugins/a.plugin', 'plugins/b.plugin'],
  )
})

test('a file that cannot be read as a release is named with the reason, and so is the next', async () => {
  for (const file of ['plugins/a.plugin', 'plugins/b.plugin']) put(file)
  const done = await provision(NO_CAUTION, surroundings())
  assert.deepEqual(
    done.map((one) => [one.is, one.is === 'failed' ? one.problems.map(({ code }) => code) : []]),
    [
      ['failed', ['RELEASE_DAMAGED']],
      ['failed', ['RELEASE_DAMAGED']],
    ],
  )
})

function surroundings() {
  return { paths: pathsOf(directory), env, timeline: new Timeline(() => undefined) }
}

function put(file: string): void {
  const path = join(directory, 'site', file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, 'no archive')
}
