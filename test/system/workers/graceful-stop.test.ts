import assert from 'node:assert/strict'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { processId } from '../../../src/host/process/proc.ts'
import { eventually, type Got, get, newWorld, untilNginxIsCalm, type World, writeFile } from '../world.ts'

/** Its worker does not come up before there is a file `up`, and its answer waits for a file `go`. */
const WSGI = `
import os, time
def wait_for(file):
    while not os.path.exists(file):
        time.sleep(0.01)
wait_for("up")
def app(environ, start_response):
    open("inside", "w").close()
    wait_for("go")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"all of it"]
`
const CONFIG =
  '[general]\nversion=1.2.3\nsummary=s\nlicense=l\nurl=http://u\nmaintainer=m\nvendor=v\n[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:app\nworkers=1\n'

describe('a request that waited for its worker and is answered by it', () => {
  const worlds: World[] = []
  let world: World
  let home: string
  beforeEach(async () => {
    world = await newWorld()
    worlds.push(world)
    home = join(world.home, 'sources/late')
    writeFile(join(home, '.layerapi2_label'), 'plugin_late@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/wsgi.py'), WSGI)
    await world.start()
    symlinkSync(home, join(pathsOf(world.home).plugins, 'late'))
    await world.until('it starts', ({ plugins: found }) => found.some(({ state }) => state === 'starting'))
    await untilNginxIsCalm(world)
  })
  after(async () => {
    for (const one of worlds) await one.end()
  })

  test('is answered in full by an mfserv that is being stopped, and by then new ones are refused', async () => {
    const { pid } = (await world.status()).daemon
    const { answer } = await passedOn()
    const stopping = world.run('mfserv.stop')
    await eventually('nginx takes no more', async () => ((await refused(world.url)) ? true : undefined))
    writeFile(join(home, 'go'), '')
    assert.deepEqual(await answer, { status: 200, body: 'all of it' })
    assert.equal((await stopping).code, 0)
    await eventually('the daemon is gone', () => (pid === null || processId(pid) === undefined ? true : undefined))
  })

  test('is answered in full when its plugin is uninstalled meanwhile', async () => {
    const { answer } = await passedOn()
    const removing = world.run('plugins.uninstall', ['late'])
    await eventually('its hold is closed', () => !existsSync(join(pathsOf(world.home).run, 'late.main.hold.sock')) || undefined)
    writeFile(join(home, 'go'), '')
    assert.deepEqual(await answer, { status: 200, body: 'all of it' })
    assert.equal((await removing).code, 0)
  })

  /** Asks while no worker is ready, and comes back when the request is inside the one that came up. */
  async function passedOn(): Promise<{ readonly answer: Promise<Got> }> {
    const answer = get(`${world.url}/late`)
    await world.until('the request waits', ({ plugins }) => plugins[0]?.apps[0]?.held === 1)
    writeFile(join(home, 'up'), '')
    await eventually('the request is inside', () => existsSync(join(home, 'inside')) || undefined)
    return { answer }
  }
})

async function refused(url: string): Promise<boolean> {
  return await fetch(url).then(
    () => false,
    () => true,
  )
}
