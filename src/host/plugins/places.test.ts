import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { OWN_PATHS } from '../../config/own-paths.ts'
import { appId, holdName, linkName, logName, slotId, socketName } from '../../desired/slot.ts'
import { upstreamName } from '../../nginx/upstream.ts'
import { pluginIdentity } from '../../plugin/identity.ts'
import { validateName } from '../../plugin/name.ts'
import { pathsOf } from '../home/paths.ts'
import { RELEASES } from '../releases/plugins-directory.ts'
import { userOverrideFile } from './override-files.ts'

const PATHS = pathsOf('/rh')

/** What mfserv writes itself in the directories where plugins have a file or a directory by their name. */
const OWN = [
  ...Object.values(PATHS),
  join(PATHS.cron, 'start'),
  join(PATHS.tmp, 'config_auto'),
  join(PATHS.tmp, 'compile-cache'),
  join(PATHS.tmp, 'plugins_list.json'),
  join(PATHS.models, '.layers.json'),
  join(PATHS.plugins, RELEASES),
  ...['mfserv', 'nginx_access', 'nginx_error'].map((name) => join(PATHS.log, `${name}.log`)),
  ...OWN_PATHS.map((path) => `url ${path}`),
]

/** Every place that belongs to a plugin as a whole. */
function placesOfPlugin(plugin: string): readonly string[] {
  return [
    ...[PATHS.tmp, PATHS.data, PATHS.cron, PATHS.stopped, PATHS.restarts, PATHS.postponed].map((room) => join(room, plugin)),
    pluginIdentity(plugin, '/home', PATHS.runtimeHome).MFSERV_CURRENT_PLUGIN_DATA_DIR,
    ...[PATHS.models, PATHS.candidates].map((room) => join(room, `${plugin}.json`)),
    join(PATHS.history, `${plugin}.jsonl`),
    join(PATHS.plugins, plugin),
    join(PATHS.plugins, RELEASES, plugin),
    userOverrideFile(plugin, PATHS),
    `${PATHS.pluginLock}.${plugin}`,
    `url /${plugin}`,
  ]
}

/** Every place of one slot of one of its apps, and of the app. */
function placesOfSlot(plugin: string, app: string, slot: number): readonly string[] {
  const id = appId(plugin, app)
  const isDaemon = app.startsWith('@')
  return [
    join(PATHS.run, linkName(slotId(id, slot))),
    join(PATHS.run, socketName(slotId(id, slot), 1)),
    `${join(PATHS.run, holdName(id))} ${slot}`,
    `${join(PATHS.log, isDaemon ? logName('extra', plugin, app.slice(1)) : logName('app', plugin, app))} ${slot}`,
    ...(isDaemon ? [] : [`upstream ${upstreamName(plugin, app).toLowerCase()} ${slot}`, `url /${plugin}/${app} ${slot}`]),
  ]
}

/** Names that are as like each other as names can be. */
const letters = fc.array(fc.constantFrom('a', 'A', 'b', '_', '-', '1', 'app', 'extra'), { minLength: 1, maxLength: 4 })
const name = letters.map((parts) => parts.join(''))
const pluginName = fc
  .oneof(name, fc.constantFrom('start', 'config_auto', 'compile-cache', 'status', 'uuid', '__mfserv', 'plugins', 'mfserv'))
  .filter((one) => validateName(one) === undefined)
const slot = fc.tuple(
  pluginName,
  fc.tuple(fc.constantFrom('', '@'), name).map(([kind, rest]) => kind + rest),
  fc.integer({ min: 1, max: 12 }),
)

test('no two plugins, apps, daemons or slots share a file, a socket, a log or a URL', () => {
  fc.assert(
    fc.property(slot, slot, (one, other) => {
      const isSame = one.join(' ') === other.join(' ')
      const [first, second] = [placesOfSlot(...one), placesOfSlot(...other)]
      assert.equal(new Set([...first, ...second]).size, isSame ? first.length : first.length + second.length)
      const [mine, theirs] = [new Set(placesOfPlugin(one[0])), new Set(placesOfPlugin(other[0]))]
      assert.equal(mine.isDisjointFrom(theirs), one[0] !== other[0])
    }),
    { numRuns: 2000 },
  )
})

test('no plugin has the name of something of mfserv itself, wherever names become paths', () => {
  fc.assert(
    fc.property(slot, (one) => {
      const places = [...placesOfPlugin(one[0]), ...placesOfSlot(...one).map((place) => place.replace(/ \d+$/, ''))]
      for (const place of places) {
        assert.ok(!OWN.includes(place), `${place} is mfserv's own`)
        assert.ok(!OWN.some((own) => own.startsWith(`${place}/`)), `something of mfserv is in ${place}`)
      }
    }),
    { numRuns: 2000 },
  )
})
