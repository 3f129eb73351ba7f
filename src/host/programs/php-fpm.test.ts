import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathsOf } from '../home/paths.ts'
import { findPhpFpm } from './php-fpm.ts'

test('the php-fpm of PATH is taken, else the newest one of the system, else the one that was unpacked', (context) => {
  const place = mkdtempSync(join(tmpdir(), 'php'))
  context.after(() => rmSync(place, { recursive: true }))
  const program = (directory: string, name: string): string => {
    const file = join(place, directory, name)
    mkdirSync(join(place, directory), { recursive: true })
    writeFileSync(file, '')
    chmodSync(file, 0o755)
    return file
  }
  const find = (): string | undefined =>
    findPhpFpm({ PATH: `${place}/own:${place}/none:relative` }, pathsOf(join(place, 'home')), [join(place, 'system')])?.path
  assert.equal(find(), undefined)
  const unpacked = program('home/opt/debian/php-fpm/usr/sbin', 'php-fpm8.2')
  assert.equal(find(), undefined, 'its installation was interrupted')
  program('home/opt/debian/php-fpm/mfserv-php.d', '0.ini')
  assert.equal(find(), unpacked)
  program('system', 'php-fpm-notes')
  program('system', 'php-fpm8.2')
  const newest = program('system', 'php-fpm8.10')
  assert.equal(find(), newest)
  const own = program('own', 'php-fpm')
  assert.equal(find(), own)
})
