import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openToOthers } from '../open-to-others.ts'
import { bootstrap, develop, newWorld, setKey, type World, writeFile } from '../world.ts'

describe('a secret in a configuration that only the user of mfserv can read', () => {
  let world: World

  before(async () => {
    world = await newWorld('[plugin_shop]\npassword = secret-of-the-module\n')
    const home = await bootstrap(world, 'shop', 'default')
    const files = {
      module: join(world.home, 'config/config.ini'),
      plugin: join(home, 'config.ini'),
      override: join(world.home, 'config/plugins/shop.ini'),
    }
    setKey(home, 'virtualdomain_based_routing', '1')
    const host = 'virtualdomain_based_routing_extra_vhosts=secret-of-a-host\n'
    const daemon = '[extra_daemon_clock]\ncmd_and_args=sh -c "exec sleep 1000" secret-of-a-command\nnumprocesses=1\n'
    const custom = '[custom]\npassword=secret-of-a-variable\nother=\n'
    writeFile(files.plugin, `${readFileSync(files.plugin, 'utf8')}\n${host}${daemon}${custom}`)
    writeFile(files.override, '[custom]\nother=secret-of-an-override\n')
    for (const file of Object.values(files)) chmodSync(file, 0o600)
    await world.must('mfserv.start')
    await develop(world, home)
    await world.must('plugin_env', [home])
    await world.must('mfserv.stop')
    // As a version that kept it for everybody left it.
    chmodSync(join(world.home, 'var/models/shop.json'), 0o644)
    await world.must('mfserv.start')
    await world.until('the plugin serves again', ({ plugins }) => plugins.every(({ state }) => state === 'serving'))
  })
  after(() => world.end())

  test('stands in no file that other users can read', () => {
    const told = filesOf(world.home).filter((file) => readFileSync(file, 'latin1').includes('secret-of-'))
    assert.ok(told.some((file) => file.endsWith('var/models/shop.json')))
    assert.ok(told.some((file) => file.endsWith('nginx.conf')))
    assert.deepEqual(openToOthers(world.home, ['config/plugins']), [])
  })
})

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
