import { globSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { longestFirst, readDurations, writeDurations } from './durations.ts'
import { IN_MEMORY, placeOfHomes } from './homes-place.ts'
import { entryOf, parted } from './together.ts'

/** Those that take longest, the longest first, for a clone that has run none yet: `node --test` goes by their names. */
const LONGEST = [
  'test/system/python/packages.test.ts',
  'test/system/python/django.test.ts',
  'test/system/python/interpreter.test.ts',
  'test/system/releases/caution.test.ts',
  'test/system/python/python2.test.ts',
  'test/system/releases/provision.test.ts',
  'test/system/plugins/empty.test.ts',
  'test/system/releases/kill.test.ts',
  'node_modules/.cache/together.test.mjs',
  'test/system/types/types.test.ts',
  'test/system/releases/life.test.ts',
  'test/system/releases/offline.test.ts',
  'test/system/configuration/plugin-mistakes.test.ts',
  'test/system/releases/swap-under-load.test.ts',
  'test/system/workers/stuck-worker.test.ts',
  'test/system/plugins/state.test.ts',
  'test/system/node/dependencies.test.ts',
  'test/system/nginx/processes.test.ts',
  'test/system/workers/hand-over.test.ts',
  'test/system/node/as-it-is.test.ts',
  'test/system/configuration/last-good.test.ts',
  'test/system/from-mfserv/from-mfserv.test.ts',
  'test/system/build/python.test.ts',
  'test/system/home/disk-full.test.ts',
  'test/system/from-mfserv/services.test.ts',
  'test/system/python/dependencies.test.ts',
  'test/system/python/flask.test.ts',
  'test/system/configuration/overrides.test.ts',
  'test/system/web/faces-seen.test.ts',
  'test/system/workers/no-lost-request.test.ts',
  'test/system/plugins/aside.test.ts',
  'test/system/releases/exactly-once.test.ts',
  'test/system/metrics/metrics.test.ts',
  'test/system/debug/debugger.test.ts',
  'test/system/debug/frameworks.test.ts',
  'test/system/plugins/logs.test.ts',
  'test/system/python/servers.test.ts',
  'test/system/adopt/documented.test.ts',
  'test/system/releases/trust.test.ts',
  'test/system/mount/mount.test.ts',
  'test/system/plugins/follow-development.test.ts',
  'test/system/nginx/front.test.ts',
]
const clone = resolve(import.meta.dirname, '..')
/** Written by each run. */
const RECORD = join(clone, 'node_modules/.cache/test-durations.json')
/** Written by each run too: what the tests are run by that need no process of their own. */
const TOGETHER = join(clone, 'node_modules/.cache/together.test.mjs')
const EVERYTHING = ['test/**/*.test.ts', 'src/**/*.test.ts']

/** More than two processors can do at once: many tests wait, for a time that an app is given or for a minute to begin. */
const CONCURRENCY = Number(process.env['MFSERV_TEST_CONCURRENCY'] ?? 6)

const named = process.argv.slice(2)
const found = globSync(named.length === 0 ? EVERYTHING : named, { cwd: clone }).sort()
if (found.length === 0) throw new Error(`no test is called ${named.join(' or ')}`)
const known = readDurations(RECORD)
const { together, apart } = parted(
  found.map((file) => join(clone, file)),
  join(clone, 'src'),
)
const files = longestFirst(
  [...apart, ...sharedEntry(together)].map((file) => relative(clone, file)),
  known,
  LONGEST,
).map((file) => join(clone, file))
const took = new Map<string, number>()
const homes = process.env['TMPDIR'] ?? placeOfHomes(machineMemory())
if (homes !== undefined) process.env['TMPDIR'] = homes

run({ files, concurrency: CONCURRENCY, timeout: 600_000 })
  .on('test:complete', ({ nesting, file, details }) => {
    // The top level of a file runs one after the other.
    if (nesting > 0 || file === undefined) return
    const name = relative(clone, file)
    took.set(name, (took.get(name) ?? 0) + details.duration_ms)
  })
  .on('end', () => writeDurations(RECORD, known, Object.fromEntries(took)))
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1
  })
  .compose(spec)
  .pipe(process.stdout)

function sharedEntry(together: readonly string[]): readonly string[] {
  if (together.length === 0) return []
  mkdirSync(dirname(TOGETHER), { recursive: true })
  writeFileSync(TOGETHER, entryOf(dirname(TOGETHER), together))
  return [TOGETHER]
}

function machineMemory() {
  const { bavail, bsize } = statfsSync(IN_MEMORY)
  return { mounts: readFileSync('/proc/mounts', 'utf8'), meminfo: readFileSync('/proc/meminfo', 'utf8'), free: bavail * bsize }
}
