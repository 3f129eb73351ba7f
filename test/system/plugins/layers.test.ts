import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PluginReport } from '../../../src/control/protocol.ts'
import { bootstrap, createPlugin, develop, edit, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const APPLICATION = `import six
from rates import RATE

def application(environ, start_response):
    import os
    start_response("200 OK", [("Content-Type", "text/plain")])
    name, country = (os.environ["MFSERV_CURRENT_PLUGIN_" + key] for key in ("NAME", "CUSTOM_COUNTRY"))
    return [f"{name} {country} {RATE} {six.__version__}".encode()]
`
let world: World
let tax: string

before(async () => {
  world = await newWorld()
  await world.must('mfserv.start')
  tax = await bootstrap(world, 'tax', 'default')
  writeFile(join(tax, 'rates.py'), 'RATE = 1\n')
  writeFile(join(tax, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'six==1.16.0\n')
  edit(join(tax, 'config.ini'), '[general]', '[custom]\ncountry=fr\n\n[general]')
})
after(() => world.end())

test('a plugin that needs another one waits for it, says so, and borrows its modules, packages and settings', async () => {
  const shop = await bootstrap(world, 'shop', 'default')
  writeFile(join(shop, 'main/wsgi.py'), APPLICATION)
  writeFile(join(shop, '.layerapi2_dependencies'), 'python3@mfserv\nplugin_tax@mfserv\n-plugin_none@mfserv\n')
  await world.must('mfserv', ['make'], { in: shop })
  const refused = await world.run('_plugins.develop', [], { in: shop })
  assert.notEqual(refused.code, 0)
  assert.match(refused.stdout + refused.stderr, /\.layerapi2_dependencies:2 .*LAYER_MISSING/)
  assert.match((await world.run('plugin_wrapper', ['shop', '--', 'true'])).stderr, /LAYER_MISSING/)
  await world.must('mfserv', ['make'], { in: tax })
  await develop(world, tax)
  assert.equal(await borrowed(), 'shop fr 1 1.16.0')
  const command = ['shop', '--', 'python3', '-c', 'import rates, six; print(rates.RATE, six.__version__)']
  assert.equal((await world.must('plugin_wrapper', command)).stdout, '1 1.16.0\n')
})

test('an edit in a plugin, and a new environment of it, reach the workers of those that depend on it', async () => {
  writeFile(join(tax, 'rates.py'), 'RATE = 2\n')
  await eventually('the edit is served', async () => ((await borrowed()) === 'shop fr 2 1.16.0' ? true : undefined))
  writeFile(join(tax, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'six==1.17.0\n')
  await world.must('mfserv', ['make'], { in: tax })
  await develop(world, tax)
  await eventually('the new package is served', async () => ((await borrowed()) === 'shop fr 2 1.17.0' ? true : undefined))
})

test('when the plugin that is needed goes, its borrower goes on and the others are served', async () => {
  await createPlugin(world, 'blog', 'default')
  rmSync(join(world.home, 'var/plugins/tax'))
  await world.until('shop is refused', ({ plugins }) => plugins.some(isRefusedShop))
  assert.equal(await borrowed(), 'shop fr 2 1.17.0')
  assert.equal((await get(`${world.url}/blog`)).status, 200)
  const { daemon, plugins } = await world.status()
  const pid = pidOf(plugins)
  assert.ok(pid !== null && daemon.pid !== null)
  process.kill(daemon.pid, 'SIGKILL')
  assert.equal((await world.run('mfserv.start')).code, 2)
  const after = await world.until('shop is refused again', (report) => report.plugins.some(isRefusedShop))
  assert.equal(pidOf(after.plugins), pid)
  assert.equal(await borrowed(), 'shop fr 2 1.17.0')
})

function isRefusedShop({ name, state }: PluginReport): boolean {
  return name === 'shop' && state === 'refused'
}

function pidOf(plugins: readonly PluginReport[]): number | null {
  return plugins.find(({ name }) => name === 'shop')?.apps[0]?.slots[0]?.pid ?? null
}

async function borrowed(): Promise<string> {
  return (await get(`${world.url}/shop`)).body
}
