import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import {
  CONFIG_INI,
  changed,
  newPlace,
  type Place,
  plugin,
  point,
  toggle,
  virtualenv,
  write,
} from '../../../test/support/environment-fixture.ts'
import { formatProblem, Problem, Problems } from '../../problem.ts'
import { linkAtomically } from '../disk/atomic.ts'
import { readPluginPlace } from '../plugins/plugin-environment.ts'
import type { PluginPlace, Search } from '../plugins/plugin-place.ts'
import { memoryFile, type Remembered, recall } from './environment.ts'
import { findPluginPlace } from './find-plugin-place.ts'
import { readAndRemember } from './record-environment.ts'

let root: string
before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'mf')))
})
after(() => rmSync(root, { recursive: true, force: true }))

const SHOP: Search = { wanted: 'shop', base: undefined }

/** One for each thing that an environment is made from. `n` is another number each time; the outcome must show it, unless said. */
const CHANGES: Readonly<Record<string, { readonly to: (place: Place, n: number) => void; readonly shows?: false }>> = {
  "a value of the plugin's config.ini": { to: (place, n) => write(place, 'src/shop/config.ini', CONFIG_INI(`size = ${n}`)) },
  'a value of the same length, with the old time': {
    to: (place, n) => {
      const file = join(place.root, 'src/shop/config.ini')
      const { mtime } = statSync(file)
      const ctimeNs = changed(file)
      // A file system whose clock ticks coarsely needs some tries.
      do writeFileSync(file, readFileSync(file, 'utf8').replace(/color = .*/, `color = ${1000 + (n % 1000)}`))
      while (changed(file) === ctimeNs)
      utimesSync(file, mtime, mtime)
    },
  },
  "the plugin's .layerapi2_extra_env": { to: (place, n) => write(place, 'src/shop/.layerapi2_extra_env', `EXTRA=x${n}\n`) },
  "the plugin's .layerapi2_dependencies": {
    to: (place, n) => write(place, 'src/shop/.layerapi2_dependencies', n % 2 === 0 ? 'plugin_tax@mfserv\n' : '# none\n'),
    shows: false,
  },
  'a dependency that is not there': {
    to: (place, n) => write(place, 'src/shop/.layerapi2_dependencies', `plugin_lost${n}@mfserv\n`),
  },
  "the plugin's label": { to: (place, n) => write(place, 'src/shop/.layerapi2_label', `plugin_shop${n}@mfserv\n`) },
  "the plugin's crontab, to what does not read": { to: (place, n) => write(place, 'src/shop/crontab', `nonsense ${n}\n`) },
  'the file an app begins with goes': { to: ({ root }) => rmSync(join(root, 'src/shop/main'), { recursive: true, force: true }) },
  'a directory that joins a search path comes': { to: ({ root }) => toggle(join(root, 'src/shop/bin')) },
  'its virtualenv is built again': {
    to: (place, n) => {
      virtualenv(place, 'src/tax-1', n)
      virtualenv(place, 'src/tax-2', n)
    },
  },
  'its virtualenv has another Python': {
    to: ({ root }, n) => {
      for (const name of ['tax-1', 'tax-2']) {
        const lib = join(root, `src/${name}/local/current/lib`)
        for (const entry of existsSync(lib) ? readdirSync(lib) : []) renameSync(join(lib, entry), join(lib, `python3.${n}`))
      }
    },
  },
  'its virtualenv is half removed': {
    to: ({ root }) => {
      for (const name of ['tax-1', 'tax-2']) rmSync(join(root, `src/${name}/local/pyvenv.cfg`), { force: true })
    },
  },
  'the overrides of the user': { to: (place, n) => write(place, 'home/config/plugins/shop.ini', `[custom]\nsize = ${n}\n`) },
  'the overrides of the site': { to: (place, n) => write(place, 'site/plugins/shop.ini', `[custom]\nsize = s${n}\n`) },
  'overrides of a release that is on its way': {
    to: (place, n) => {
      const file = join(place.root, 'home/config/plugins/tax.ini')
      const replaces = existsSync(file) ? readFileSync(file, 'utf8') : null
      const pending = { release: 'tax-1', overrides: `[custom]\nrate = p${n}\n`, replaces }
      write(place, 'home/var/plugins/.releases/tax/pending.json', JSON.stringify(pending))
      point(place, 'tax-1')
    },
  },
  'the overrides of a plugin that is depended on': {
    to: (place, n) => write(place, 'home/config/plugins/tax.ini', `[custom]\nrate = o${n}\n`),
  },
  'a hot swap of a plugin that is depended on': { to: (place) => point(place, 'tax-2') },
  'a value of a plugin that is depended on': {
    to: (place, n) => {
      for (const name of ['tax-1', 'tax-2']) write(place, `src/${name}/config.ini`, CONFIG_INI(`rate = ${n}`))
    },
  },
  'a plugin that is depended on goes': { to: ({ paths }) => rmSync(join(paths.plugins, 'tax'), { force: true }) },
  'an optional plugin comes': {
    to: (place) => {
      plugin(place, 'bonus', 'bonus', 'gift = 1')
      linkAtomically(join(place.root, 'src/bonus'), join(place.paths.plugins, 'bonus'))
    },
  },
  'an optional plugin that does not read is fixed': {
    to: (place, n) => {
      plugin(place, 'bonus', 'bonus', `gift = ${n}`)
      if (n % 2 === 0) rmSync(join(place.root, 'src/bonus/main'), { recursive: true })
      linkAtomically(join(place.root, 'src/bonus'), join(place.paths.plugins, 'bonus'))
    },
    shows: false,
  },
  'the link of the plugin leads elsewhere': {
    to: (place, n) => {
      plugin(place, `other${n % 3}`, 'shop', `size = other${n}`)
      linkAtomically(join(place.root, `src/other${n % 3}`), join(place.paths.plugins, 'shop'))
    },
  },
  'a link on the way to the plugin leads elsewhere': {
    to: (place, n) => {
      plugin(place, `elsewhere${n % 3}/shop`, 'shop', `size = way${n}`)
      linkAtomically(join(place.root, `src/elsewhere${n % 3}`), join(place.root, 'way'))
      linkAtomically(join(place.root, 'way/shop'), join(place.paths.plugins, 'shop'))
    },
  },
  'the plugin goes': { to: ({ paths }) => rmSync(join(paths.plugins, 'shop'), { force: true }) },
  'the configuration of the module': { to: (place, n) => write(place, 'home/config/config.ini', `[mine]\nvalue = ${n}\n`) },
  'the configuration of the site': { to: (place, n) => write(place, 'site/config.ini', `[mine]\nvalue = s${n}\n`) },
  'another directory of the site': {
    to: (place, n) => {
      write(place, `site${n}/config.ini`, `[mine]\nvalue = d${n}\n`)
      place.env['MFSERV_SITE_DIRECTORY'] = join(place.root, `site${n}`)
    },
  },
  MFCONFIG: { to: ({ env }, n) => void Object.assign(env, { MFCONFIG: n % 2 === 0 ? 'DEV' : 'PROD' }) },
  'a variable that every process inherits': { to: ({ env }, n) => void Object.assign(env, { TZ: `UTC-${n % 10}` }) },
  'a variable that config.ini names': { to: ({ env }, n) => void Object.assign(env, { CITY: `city${n}` }) },
  'a variable that config.ini names goes': { to: ({ env }) => void delete env['CITY'] },
  'a variable that the module names': { to: ({ env }, n) => void Object.assign(env, { REGION: `region${n}` }) },
}

for (const [what, { to, shows = true }] of Object.entries(CHANGES)) {
  test(`a remembered environment is not used after a change: ${what}`, async () => {
    const place = newPlace(root)
    remember(place)
    const old = await outcome(() => readPlace(place))
    to(place, 7)
    const fresh = await outcome(() => readPlace(place))
    if (shows) assert.notDeepEqual(fresh, old, 'the change makes a difference')
    assert.deepEqual(await outcome(() => findPluginPlace(SHOP, place.paths, place.env)), fresh)
  })
}

test('whatever changes after whatever else, an environment is the one of a fresh reading', async () => {
  const random = randomFrom(20_260_401)
  const changes = Object.entries(CHANGES)
  let remembered = 0
  for (let round = 0; round < 2; round += 1) {
    const place = newPlace(root)
    for (let step = 0; step < 12; step += 1) {
      const [what, { to }] = changes[Math.floor(random() * changes.length)] ?? assert.fail()
      if (random() < 0.7) await outcome(() => readSettled(place))
      if (recall(fileOf(place), place.paths, place.env) !== undefined) remembered += 1
      to(place, 1 + round * 100 + step)
      const fresh = await outcome(() => readPlace(place))
      assert.deepEqual(await outcome(() => findPluginPlace(SHOP, place.paths, place.env)), fresh, what)
      // A second look, at what the first one may have remembered.
      assert.deepEqual(await outcome(() => findPluginPlace(SHOP, place.paths, place.env)), fresh, what)
    }
  }
  assert.ok(remembered > 5, `there was something to remember: ${remembered} times`)
})

test('another machine, user or mfserv has another environment', () => {
  const place = newPlace(root)
  const remembered = remember(place)
  const looks: Record<string, unknown> = JSON.parse(remembered.looks)
  for (const fact of ['mfserv', 'directories', 'user', 'hardware']) {
    assert.ok(fact in looks)
    keep(place, JSON.stringify({ ...remembered, looks: JSON.stringify({ ...looks, [fact]: 'another' }) }))
    assert.equal(recall(fileOf(place), place.paths, place.env), undefined, fact)
  }
  keep(place, JSON.stringify(remembered))
  assert.notEqual(recall(fileOf(place), place.paths, place.env), undefined)
})

test('a memory that is damaged, or of another version, is written anew', async () => {
  const place = newPlace(root)
  const remembered = JSON.stringify(remember(place))
  for (const text of ['', '{', 'null', '[]', '{"place":1,"ingredients":2,"looks":3}', remembered.slice(0, -9)]) {
    keep(place, text)
    assert.deepEqual(await outcome(() => findPluginPlace(SHOP, place.paths, place.env)), readPlace(place))
  }
})

test('a file that changed a moment ago is not relied on: its file system may tell two changes apart by nothing', () => {
  const place = newPlace(root)
  readAndRemember(SHOP, place.paths, place.env, fileOf(place))
  assert.equal(existsSync(fileOf(place)), false)
})

test('what is remembered is for its user alone, and the directories of the plugin are made again', async () => {
  const place = newPlace(root)
  remember(place)
  assert.equal(statSync(fileOf(place)).mode & 0o777, 0o600)
  rmSync(join(place.paths.tmp, 'shop'), { recursive: true })
  rmSync(place.paths.data, { recursive: true })
  await findPluginPlace(SHOP, place.paths, place.env)
  assert.ok(existsSync(join(place.paths.tmp, 'shop')) && existsSync(join(place.paths.data, 'shop')))
})

test('a plugin by its directory, and one of another directory of plugins, are remembered by themselves', () => {
  const { paths } = newPlace(root)
  const base = join(root, 'others')
  const searches = [SHOP, { ...SHOP, base }, { wanted: './shop', base: undefined }, { wanted: './shop', base }]
  assert.equal(new Set(searches.map((search) => memoryFile(search, paths))).size, searches.length)
  assert.equal(memoryFile({ wanted: './shop', base }, paths), memoryFile({ wanted: resolve('shop'), base }, paths))
})

/** Reads it as if every file had been as it is for a while. */
function readSettled(place: Place): PluginPlace {
  return readAndRemember(SHOP, place.paths, place.env, fileOf(place), () => Date.now() + 60_000)
}

/** The same, and what was remembered is indeed what is answered now. */
function remember(place: Place): Remembered {
  const read = readSettled(place)
  assert.deepEqual(recall(fileOf(place), place.paths, place.env), read)
  return JSON.parse(readFileSync(fileOf(place), 'utf8'))
}

function fileOf({ paths }: Place): string {
  return memoryFile(SHOP, paths)
}

function keep(place: Place, text: string): void {
  writeFileSync(fileOf(place), text)
}

function readPlace({ paths, env }: Place): PluginPlace {
  const { name, home, environment } = readPluginPlace(SHOP, paths, env)
  return { name, home, environment }
}

/** The plugin and its environment, or what a person would read instead. */
async function outcome(read: () => PluginPlace | Promise<PluginPlace>): Promise<PluginPlace | readonly string[]> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Problems) return error.all.map(formatProblem)
    if (error instanceof Problem) return [formatProblem(error)]
    throw error
  }
}

/** Numbers from 0 to 1, the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
