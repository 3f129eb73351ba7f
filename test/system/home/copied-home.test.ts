import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { commandLineOf, parentOf, processes, processId } from '../../../src/host/process/proc.ts'
import { CONFIG, SERVE } from '../socket-app.ts'
import { eventually, execute, freePort, get, newWorld, type World, worldIn, writeFile } from '../world.ts'

describe('a copy of a runtime home', () => {
  let world: World
  let copy: string
  before(async () => {
    world = await newWorld()
    const home = join(world.home, 'var/plugins/pages')
    writeFile(join(home, '.layerapi2_label'), 'plugin_pages@mfserv\n')
    writeFile(join(home, 'config.ini'), CONFIG)
    writeFile(join(home, 'main/serve.py'), SERVE)
    writeFile(join(home, 'crontab'), '@yearly sleep 600\n')
    await world.must('mfserv.start')
    await world.must('mfserv', ['cron', 'run', 'pages', '1', '--no-wait'])
    copy = mkdtempSync(join(tmpdir(), 'mf'))
  })
  after(async () => {
    await world.end()
    rmSync(copy, { recursive: true, force: true })
  })

  test('is started and stopped beside the original, none of whose processes notices', async () => {
    const pids = await eventually('every process of the original is there', pidsOf)
    // A socket is copied by cp as what it is; Node's own copy refuses it.
    assert.equal((await execute('cp', ['-aT', world.home, copy], {})).code, 0)
    const port = await freePort()
    const file = join(copy, 'config/config.ini')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`port = ${world.port}`, `port = ${port}`))
    const other = worldIn(copy, port)

    assert.match((await other.must('mfserv.stop')).stdout, /does not run/)
    assert.deepEqual(await pidsOf(), pids, 'a copy that never ran was stopped')
    await other.must('mfserv.start')
    assert.equal((await get(`${other.url}/pages`)).body, 'ok')
    assert.deepEqual(await pidsOf(), pids, 'the copy was started')
    await other.must('mfserv.stop')
    assert.deepEqual(await pidsOf(), pids, 'the copy was stopped')
    assert.equal((await get(`${world.url}/pages`)).body, 'ok')
  })

  test('that is moved while it is stopped serves at its new place', async () => {
    const moved = `${copy}-moved`
    renameSync(copy, moved)
    const port = Number(/^port = (\d+)$/m.exec(readFileSync(join(moved, 'config/config.ini'), 'utf8'))?.[1])
    const other = worldIn(moved, port)
    try {
      await other.must('mfserv.start')
      assert.equal((await get(`${other.url}/pages`)).body, 'ok')
    } finally {
      await other.end()
    }
  })

  /** Of the daemon, nginx with its workers, the app, the extra daemon and the cron job; undefined while one is missing. */
  async function pidsOf(): Promise<readonly number[] | undefined> {
    const { daemon, nginx, plugins, cron } = await world.status()
    const slots = plugins.flatMap(({ apps, daemons }) => [...apps, ...daemons].flatMap((one) => one.slots.map(({ pid }) => pid)))
    const ofNginx = processes().filter(
      (pid) => parentOf(pid) === nginx.pid && commandLineOf(pid).join(' ').includes('worker process'),
    )
    const all = [daemon.pid, nginx.pid, ...slots, ...cron.map(({ running }) => running?.pid ?? null), ...ofNginx]
    const living = all.filter((pid) => pid !== null && processId(pid) !== undefined)
    return living.length === 8 ? living.flatMap((pid) => pid ?? []) : undefined
  }
})
