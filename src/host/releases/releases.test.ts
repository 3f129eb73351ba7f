import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { deleteDetached } from '../../operations/release/remove-plugin.ts'
import { type Paths, pathsOf } from '../home/paths.ts'
import { pluginNames } from './plugins-directory.ts'
import { pointAt, releaseHome, releasesOf, sweep, writeRelease } from './releases.ts'

const ID = '1.0-1-aaaaaaaa'
let paths: Paths

beforeEach(() => {
  paths = pathsOf(mkdtempSync(join(tmpdir(), 'mfreleases')))
  mkdirSync(releaseHome(paths.plugins, 'blog', ID), { recursive: true })
})

afterEach(() => rmSync(paths.runtimeHome, { recursive: true, force: true }))

test('a release without its record is none, and neither is a record without its release', () => {
  assert.deepEqual(releasesOf(paths.plugins, 'blog'), [])
  record()
  assert.equal(releasesOf(paths.plugins, 'blog').length, 1)
  rmSync(releaseHome(paths.plugins, 'blog', ID), { recursive: true })
  assert.deepEqual(releasesOf(paths.plugins, 'blog'), [])
})

test('who still builds a release for a command that was killed is ended with what it began', async () => {
  const home = releaseHome(paths.plugins, 'blog', ID)
  const inside = spawn('sleep', ['600'], { cwd: home })
  const elsewhere = spawn('sleep', ['600'], { cwd: '/', env: { ...process.env, MFSERV_CURRENT_PLUGIN_DIR: home } })
  const other = spawn('sleep', ['600'], { cwd: paths.plugins })
  await Promise.all([inside, elsewhere, other].map((child) => once(child, 'spawn')))
  const ended = Promise.all([once(inside, 'exit'), once(elsewhere, 'exit')])
  sweep(paths.plugins, 'blog')
  assert.deepEqual(await ended, [
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ])
  assert.deepEqual([existsSync(home), other.exitCode], [false, null])
  other.kill()
})

test('a pointer that was not renamed any more is no plugin, and goes', () => {
  record()
  pointAt(paths.plugins, 'blog', ID)
  symlinkSync(`.releases/blog/${ID}`, join(paths.plugins, '.blog.4711-1.tmp'))
  assert.deepEqual(pluginNames(paths.plugins), ['blog'])
  sweep(paths.plugins, 'blog')
  assert.deepEqual(readdirSync(paths.plugins).sort(), ['.releases', 'blog'])
})

test('what was moved aside stays while workers may read from it', () => {
  const aside = join(paths.plugins, '.releases/blog/removed-7')
  mkdirSync(aside)
  sweep(paths.plugins, 'blog')
  assert.ok(existsSync(aside))
  deleteDetached('blog', paths)
  assert.equal(existsSync(join(paths.plugins, '.releases')), false)
})

function record(): void {
  const facts = { id: ID, name: 'blog', version: '1.0', release: '1', sha256: ID, file: 'blog.plugin' }
  writeRelease(paths.plugins, { ...facts, installedAt: '2026-01-01T00:00:00.000Z' })
  writeFileSync(join(releaseHome(paths.plugins, 'blog', ID), 'config.ini'), '')
}
