import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** Those that take longest, the longest first, so that none is left alone at the end: `node --test` goes by their names. */
const LONGEST = [
  'test/system/releases/swap-under-load.test.ts',
  'test/system/releases/kill.test.ts',
  'test/system/releases/caution.test.ts',
  'test/system/releases/life.test.ts',
  'test/system/types.test.ts',
  'test/system/release-file.test.ts',
  'test/system/releases/offline.test.ts',
  'test/system/releases/provision.test.ts',
  'test/system/django.test.ts',
  'test/system/no-lost-request.test.ts',
]
const EVERYTHING = ['test/**/*.test.ts', 'src/**/*.test.ts']

const clone = resolve(import.meta.dirname, '..')
const named = process.argv.slice(2)
const found = globSync(named.length === 0 ? EVERYTHING : named, { cwd: clone }).sort()
if (found.length === 0) throw new Error(`no test is called ${named.join(' or ')}`)
const first = LONGEST.filter((file) => found.includes(file))
const files = [...first, ...found.filter((file) => !first.includes(file))].map((file) => join(clone, file))

run({ files, concurrency: 3, timeout: 300_000 })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1
  })
  .compose(spec)
  .pipe(process.stdout)
