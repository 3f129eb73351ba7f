import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findPythons } from '../../../src/host/programs/pythons.ts'
import { make, mustMake } from '../make-plugin.ts'
import { CLONE, get, newWorld, type World, writeFile } from '../world.ts'

const CONFIG =
  '[general]\nversion=1.0\nsummary=x\nlicense=x\nurl=http://x\nmaintainer=x\nvendor=x\n[app_main]\ntype=python3_asgi\nmain_arg=main.app:app\nworkers=1\n'
const APP = `import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": "{}.{}".format(*sys.version_info).encode()})
`

let world: World

before(async () => {
  world = await newWorld()
  await world.start()
})
after(() => world.end())

test('a plugin runs on the Python that .python-version names, in development and from its release', async () => {
  const [own, other] = await findPythons(process.env)
  assert.ok(own !== undefined && other !== undefined, 'this test needs a second Python 3: "pyenv install 3.12"')
  const minor = other.version.split('.').slice(0, 2).join('.')
  const home = plugin('chosen', { '.python-version': `${other.version}\n` })
  await mustMake(world, home)
  const url = `${world.url}/chosen/`
  assert.equal((await get(url)).body, minor)
  const released = await mustMake(world, home, 'release')
  assert.match(released.stdout, new RegExp(`needs +Python ==${minor.replace('.', '\\.')}\\.\\*`))
  await world.must('plugins.uninstall', ['chosen'])
  const file = join(home, 'chosen-1.0-1.metwork.mfserv.plugin')
  await world.must('plugins.install', [file])
  assert.equal((await get(url)).body, minor)
  rmSync(file)
})

test('a Python that is not here is named, with those that are and the ways to get it; nothing is made', async () => {
  const home = plugin('absent', { '.python-version': '3.5\n' })
  const { code, stderr } = await make(world, home)
  assert.notEqual(code, 0)
  assert.match(
    stderr,
    /\/absent\/\.python-version:1 {2}this plugin wants Python 3\.5 \(\.python-version\); here is 3\.\d+\.\d+ \(/,
  )
  assert.match(stderr, /"uv python install 3\.5" or "pyenv install 3\.5".*mfserv downloads none by itself/)
  assert.equal((await get(`${world.url}/absent/`)).status, 404)
})

test('a plugin of MFSERV goes on with the Python of mfserv when the one it names is not here', async () => {
  const home = plugin('older', { '.python-version': '3.5\n', 'python3_virtualenv_sources/requirements-to-freeze.txt': '' })
  const { stderr } = await mustMake(world, home)
  assert.match(stderr, /wants Python 3\.5 .*The Python of mfserv is used/)
  const [own] = await findPythons(process.env)
  assert.equal((await get(`${world.url}/older/`)).body, own?.version.split('.').slice(0, 2).join('.'))
})

function plugin(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(world.home, name)
  writeFile(join(home, 'Makefile'), readFileSync(join(CLONE, 'templates/_every/Makefile'), 'utf8'))
  const all = { '.layerapi2_label': `plugin_${name}@mfserv\n`, 'config.ini': CONFIG, 'main/app.py': APP, ...files }
  for (const [path, text] of Object.entries(all)) writeFile(join(home, path), text)
  return home
}
