import assert from 'node:assert/strict'
import fs, { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { newPlace } from '../../../test/support/environment-fixture.ts'
import { MFSERV_HOME } from '../home/paths.ts'
import { readPluginPlace } from '../plugins/plugin-environment.ts'
import { memoryFile, type Remembered } from './environment.ts'
import { readAndRemember } from './record-environment.ts'

test('everything that a whole reading looks at is among what a remembered environment depends on', (context) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'mf')))
  context.after(() => rmSync(root, { recursive: true }))
  const place = newPlace(root)
  const search = { wanted: 'shop', base: undefined }
  const looked = pathsLookedAt(() => readPluginPlace(search, place.paths, place.env))
  const file = memoryFile(search, place.paths)
  readAndRemember(search, place.paths, place.env, file, () => Date.now() + 60_000)
  const { ingredients }: Remembered = JSON.parse(readFileSync(file, 'utf8'))
  const { places, files } = ingredients
  const real = (paths: readonly string[]): readonly string[] =>
    paths.flatMap((path) => (existsSync(path) ? [path, realpathSync(path)] : [path]))
  const [asPlaces, asFiles] = [new Set([...real(places), ...real(files)]), new Set(real(files))]
  // Read again each time.
  const isOfTheMachine = (path: string): boolean => path.startsWith('/proc/') || path === '/etc/hosts'
  assert.deepEqual(
    [...looked.texts].filter((path) => !isOfTheMachine(path) && !asFiles.has(path)),
    [place.paths.plugins],
  )
  assert.deepEqual(
    [...looked.facts].filter((path) => !asPlaces.has(path)),
    [],
  )
  assert.ok(looked.texts.size > 10 && looked.facts.size > 20)
  for (const module of ['plugin/parse.ts', 'config/settings.ts', 'desired/environment.ts', 'host/environments/virtualenv.ts'])
    assert.ok(files.includes(join(MFSERV_HOME, 'src', module)), module)
})

interface LookedAt {
  /** Of files and directories that were read. */
  readonly texts: ReadonlySet<string>
  /** Of which only was asked whether they are there, or where they lead. */
  readonly facts: ReadonlySet<string>
}

function pathsLookedAt(read: () => void): LookedAt {
  const looked = { texts: new Set<string>(), facts: new Set<string>() }
  const note = (into: Set<string>, name: (typeof READS)[number] | (typeof FACTS)[number]): (() => void) => {
    const spy = mock.method(fs, name)
    return () => {
      // What is read by its descriptor was opened by its path.
      for (const {
        arguments: [path],
      } of spy.mock.calls)
        if (typeof path !== 'number') into.add(String(path))
      spy.mock.restore()
    }
  }
  const ends = [...READS.map((name) => note(looked.texts, name)), ...FACTS.map((name) => note(looked.facts, name))]
  syncBuiltinESMExports()
  try {
    read()
  } finally {
    for (const end of ends) end()
    syncBuiltinESMExports()
  }
  return looked
}

const READS = ['readFileSync', 'readdirSync', 'openSync'] as const
const FACTS = ['existsSync', 'statSync', 'lstatSync', 'readlinkSync', 'realpathSync', 'accessSync', 'opendirSync'] as const
