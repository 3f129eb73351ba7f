import assert from 'node:assert/strict'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Problem } from '../../problem.ts'
import { closeHome } from './close-home.ts'
import { type Paths, pathsOf } from './paths.ts'

function homeFor(t: TestContext): { readonly paths: Paths; readonly outside: string } {
  const directory = mkdtempSync(join(tmpdir(), 'mf'))
  t.after(() => rmSync(directory, { recursive: true }))
  const outside = join(directory, 'outside')
  writeFileSync(outside, '')
  chmodSync(outside, 0o644)
  return { paths: pathsOf(join(directory, 'made/home')), outside }
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8)

test('a new home is for its owner alone', (t) => {
  const { paths } = homeFor(t)
  closeHome(paths)
  assert.equal(modeOf(paths.runtimeHome), '700')
})

test('a home that an older version made for everybody is closed with all that is in it, and nothing outside of it', (t) => {
  const { paths, outside } = homeFor(t)
  mkdirSync(paths.log, { recursive: true })
  mkdirSync(paths.plugins, { recursive: true })
  const files = { log: join(paths.log, 'mfserv.log'), program: join(paths.plugins, 'serve'), link: join(paths.plugins, 'shop') }
  writeFileSync(files.log, '')
  writeFileSync(files.program, '')
  chmodSync(files.log, 0o666)
  chmodSync(files.program, 0o755)
  symlinkSync(outside, files.link)
  for (const directory of [paths.runtimeHome, paths.log, paths.plugins]) chmodSync(directory, 0o775)
  closeHome(paths)
  assert.deepEqual([paths.runtimeHome, paths.log, paths.plugins].map(modeOf), ['700', '700', '700'])
  assert.deepEqual([files.log, files.program].map(modeOf), ['600', '700'])
  assert.equal(statSync(outside).mode & 0o777, 0o644)
})

test('a directory that serves others too is not closed behind their backs', (t) => {
  const { paths } = homeFor(t)
  mkdirSync(join(paths.runtimeHome, 'public_html'), { recursive: true })
  chmodSync(paths.runtimeHome, 0o755)
  assert.throws(
    () => closeHome(paths),
    (error) => error instanceof Problem && error.code === 'ENVIRONMENT' && error.fix.includes(`chmod 700 ${paths.runtimeHome}`),
  )
  assert.equal(modeOf(paths.runtimeHome), '755')
  chmodSync(paths.runtimeHome, 0o700)
  assert.doesNotThrow(() => closeHome(paths))
})
