import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { pathsOf } from '../../host/home/paths.ts'
import { listSite } from '../../host/home/site-listing.ts'
import { Timeline } from '../release/timeline.ts'
import { provision } from './provision.ts'

const NO_CAUTION = { watchSeconds: 0, canaryPercent: 0, canarySeconds: 0 }
let directory: string
let env: NodeJS.ProcessEnv

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mfprovision'))
  env = { MFSERV_SITE_DIRECTORY: join(directory, 'site') }
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a machine without a site directory has nothing to provision', async () => {
  assert.deepEqual(listSite(env), { files: [], unreadable: [] })
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
    listSite(env).files.map((file) => file.slice(join(directory, 'site').length + 1)),
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

test('what is no file, leads nowhere or may not be read is named with its fix', async () => {
  put('plugins/barred.plugin')
  chmodSync(join(directory, 'site/plugins/barred.plugin'), 0)
  mkdirSync(join(directory, 'site/plugins/directory.plugin'))
  symlinkSync('loop.plugin', join(directory, 'site/plugins/loop.plugin'))
  symlinkSync('nowhere', join(directory, 'site/plugins/nowhere.plugin'))
  const done = await provision(NO_CAUTION, surroundings())
  const problems = done.flatMap((one) => (one.is === 'failed' ? one.problems : []))
  // Root may read every file, and finds no archive in the first one.
  const mayRead = process.getuid?.() === 0
  assert.deepEqual(
    problems.map(({ code, message }) => `${code} ${/EACCES|ELOOP|ENOENT|not a file/.exec(message)}`),
    [mayRead ? 'RELEASE_DAMAGED null' : 'DISK EACCES', 'DISK not a file', 'DISK ELOOP', 'DISK ENOENT'],
  )
  for (const { code, fix } of problems) if (code === 'DISK') assert.match(fix, /Put a \.plugin file there/)
})

test('a directory that cannot be read is named, and the files of the other one count', () => {
  put('external_plugins/a.plugin')
  symlinkSync('plugins', join(directory, 'site/plugins'))
  const { files, unreadable } = listSite(env)
  assert.deepEqual(files, [join(directory, 'site/external_plugins/a.plugin')])
  assert.deepEqual(
    unreadable.map(({ file, problem }) => [file, problem.code, /ELOOP/.test(problem.message)]),
    [[join(directory, 'site/plugins'), 'DISK', true]],
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
