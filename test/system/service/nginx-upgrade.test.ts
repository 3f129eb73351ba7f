import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathsOf } from '../../../src/host/home/paths.ts'
import { findNginx } from '../../../src/host/nginx/nginx-front.ts'
import { programOf } from '../../../src/host/process/proc.ts'
import { startLoad } from '../../load/client.ts'
import { describe as describeVerdict, judge } from '../../load/verdict.ts'
import { CONFIG, SERVE } from '../socket-app.ts'
import { eventually, get, newWorld, type World, writeFile } from '../world.ts'

const PER_SECOND = 240

describe('nginx whose program was replaced by an upgrade of it', () => {
  let world: World
  let program: string
  let env: Readonly<Record<string, string>>
  before(async () => {
    world = await newWorld()
    const found = findNginx(pathsOf(world.home))
    program = join(world.home, 'sbin/nginx')
    mkdirSync(join(world.home, 'sbin'))
    copyFileSync(found.path, program)
    env = { ...found.env, PATH: `${join(world.home, 'sbin')}${delimiter}${process.env['PATH']}` }
    const home = join(world.home, 'var/plugins/pages')
    writeFile(join(home, '.layerapi2_label'), 'plugin_pages@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/serve.py'), SERVE)
    await world.must('mfserv.start', [], { env })
  })
  after(() => world.end())

  test('serves with the new program after mfserv.restart, and no request is lost', async () => {
    const { nginx } = await world.status()
    assert.equal(programOf(nginx.pid ?? 0), program)
    const load = startLoad({ url: world.url, paths: ['/pages'], perSecond: PER_SECOND, connections: 'fresh' })
    await load.further(PER_SECOND / 2)
    copyFileSync(program, `${program}.new`)
    renameSync(`${program}.new`, program)
    assert.equal(programOf(nginx.pid ?? 0), `${program} (deleted)`)
    await world.must('mfserv.restart', [], { env })
    const after = await world.until('another nginx', ({ nginx: now }) => now.pid !== null && now.pid !== nginx.pid)
    assert.equal(programOf(after.nginx.pid ?? 0), program)
    await eventually('the old one has ended', () => (programOf(nginx.pid ?? 0) === undefined ? true : undefined))
    await load.further(PER_SECOND / 2)
    const verdict = judge(await load.stop(), [])
    assert.equal(verdict.failed.length, 0, describeVerdict(verdict))
    assert.deepEqual([after.status, after.nginx.problem], ['RUNNING', undefined])
  })

  test('goes on with the old one when the new one does not come up, which is said', async () => {
    const { nginx } = await world.status()
    // It proves the configuration like the real one, and ends when it is to serve.
    const fake = `#!/bin/sh\ncase " $* " in *" -t "*|*" -V "*) exec ${program}.real "$@" ;; esac\nexit 1\n`
    writeFile(`${program}.new`, fake)
    chmodSync(`${program}.new`, 0o755)
    copyFileSync(program, `${program}.real`)
    renameSync(`${program}.new`, program)
    assert.match((await world.run('mfserv.restart', [], { env })).stdout, /did not take over/)
    const after = await world.status()
    assert.deepEqual([after.status, after.nginx.pid, after.nginx.problem?.code], ['DEGRADED', nginx.pid, 'NGINX_REFUSED'])
    assert.equal((await get(`${world.url}/pages`)).status, 200)
  })
})
