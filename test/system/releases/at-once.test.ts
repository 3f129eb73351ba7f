import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { edit, eventually, get, newWorld, type World, writeFile } from '../world.ts'
import { type Sources, sourcesOf } from './make-release.ts'

describe('two commands for one plugin at once', () => {
  let world: World
  let blog: Sources
  let one: string
  let two: string

  before(async () => {
    world = await newWorld('[releases]\nwatch_seconds = 0\n')
    await world.start()
    blog = await sourcesOf(world, 'blog', 'default')
    one = await blog.release('1.0.0')
    two = await blog.release('1.1.0', (home) => edit(join(home, 'main/wsgi.py'), 'Hello World!', 'Hello two!'))
  })
  after(() => world.end())

  test('two installations: one installs it, the other says that it is installed', async () => {
    const argv = ['--new-name', 'diary', one]
    const ran = await Promise.all([world.run('plugins.install', argv), world.run('plugins.install', argv)])
    assert.deepEqual(ran.map(({ code }) => code).sort(), [0, 1], ran.map(({ stderr }) => stderr).join('\n'))
    assert.match(ran.find(({ code }) => code === 1)?.stderr ?? '', /PLUGIN_EXISTS/)
    assert.equal((await get(`${world.url}/diary`)).body, 'Hello World!')
  })

  test('a hot swap and an uninstallation: both say truly what came of them', async () => {
    const swap = ['--new-name', 'diary', two]
    const [swapped, gone] = await Promise.all([world.run('plugins.hotswap', swap), world.run('plugins.uninstall', ['diary'])])
    assert.equal(gone.code, 0, gone.stderr)
    if (swapped.code !== 0) assert.match(swapped.stderr, /PLUGIN_NOT_FOUND/)
    assert.equal((await get(`${world.url}/diary`)).status, 404)
    assert.deepEqual(releases(world, 'diary'), [])
  })

  test('a command that another one keeps waiting for ten seconds names it', async () => {
    const go = join(world.home, 'var/data/slow/go')
    const file = await blog.release('4.0.0', (home) =>
      writeFileSync(join(home, 'postinstall'), `#!/bin/sh\nuntil [ -e ${go} ]; do sleep 0.1; done\n`, { mode: 0o755 }),
    )
    const holder = world.run('plugins.install', ['--new-name', 'slow', file])
    await eventually('it has the lock', () => (releases(world, 'slow').length > 0 ? true : undefined))
    const refused = await world.run('plugins.uninstall', ['slow'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, new RegExp(`plugins.install ${file} \\(process \\d+\\) has been changing.*\\(BUSY\\)`))
    writeFile(go, '')
    assert.equal((await holder).code, 0)
    await world.must('plugins.uninstall', ['slow'])
  })
})

function releases({ home }: World, name: string): readonly string[] {
  const directory = join(home, 'var/plugins/.releases', name)
  return existsSync(directory) ? readdirSync(directory).sort() : []
}
