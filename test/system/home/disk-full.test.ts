import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StatusReport } from '../../../src/control/protocol.ts'
import { bootstrap, createPlugin, develop, eventually, get, newWorld, type World, writeFile } from '../world.ts'

const isRoot = process.getuid?.() === 0
/** Writes as fast as the disk takes it, for as long as there is this file. */
const FLOOD = `#!/bin/sh
while :; do
  if [ -e "$MFSERV_CURRENT_PLUGIN_DATA_DIR/flood" ]; then head -c 2000000 /dev/zero | tr '\\0' x; echo; else sleep 0.1; fi
done
`

describe('a disk of 120 MB that is full', { skip: isRoot ? false : 'mounting a small disk needs root' }, () => {
  let home: string
  let world: World

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'mf'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m,mode=700', 'tmpfs', home])
    world = await newWorld('', home)
    await world.must('mfserv.start')
    await createPlugin(world, 'good', 'default')
    await createPlugin(world, 'page', 'static')
    const noisy = await bootstrap(world, 'noisy', 'empty')
    writeFile(join(noisy, 'bin/flood'), FLOOD)
    chmodSync(join(noisy, 'bin/flood'), 0o755)
    writeFile(
      join(noisy, 'config.ini'),
      `${readFileSync(join(noisy, 'config.ini'), 'utf8')}\n[extra_daemon_flood]\ncmd_and_args=flood\nnumprocesses=1\n`,
    )
    await develop(world, noisy)
  })
  after(async () => {
    await world.run('mfserv.stop')
    execFileSync('umount', ['-l', home])
    rmSync(home, { recursive: true, force: true })
  })

  test('a log that fills it is emptied, and the status names it; the apps answer all the time', async () => {
    const asking = watch()
    writeFileSync(join(home, 'var/data/noisy/flood'), '')
    const told = await world.until('the full disk is told', isFull)
    assert.equal(told.status, 'DEGRADED')
    const { code, stdout } = await world.run('mfserv.status')
    assert.equal(code, 2, stdout)
    assert.match(stdout, /the disk (is|was) full[\s\S]*extra_noisy_flood\.log.*\(DISK\)\n {4}\S/)
    await eventually('the log that filled it is emptied', () =>
      logOf('mfserv').includes('extra_noisy_flood.log was emptied') ? true : undefined,
    )
    rmSync(join(home, 'var/data/noisy/flood'))
    await world.until('with room again all is well', ({ status }) => status === 'RUNNING')
    assert.deepEqual(await asking(), [])
    for (const file of ['config/config.ini', 'var/uuid', 'noisy/config.ini']) assert.ok(statSync(join(home, file)).size > 0, file)
  })

  test('mfserv stops and starts while a log floods it', async () => {
    writeFileSync(join(home, 'var/data/noisy/flood'), '')
    await world.until('the full disk is told', isFull)
    await world.must('mfserv.stop')
    fill(0)
    const started = await world.run('mfserv.start')
    assert.equal(started.code, 2, `${started.stdout}${started.stderr}`)
    assert.match(started.stdout, /mfserv is DEGRADED.*\n.*the disk (is|was) full/)
    await answers()
    rmSync(join(home, 'ballast'))
    rmSync(join(home, 'var/data/noisy/flood'))
    await world.until('with room again all is well', ({ status }) => status === 'RUNNING')
  })

  test('mfserv stops and starts when something else fills it, and empties nothing of what is not a log', async () => {
    writeFileSync(join(home, 'log/extra_noisy_flood.log'), '')
    await eventually('room is put aside', () => existsSync(join(home, 'var/reserve/7')) || undefined)
    const before = readFileSync(join(home, 'var/plugins/good/config.ini'), 'utf8')
    await world.must('mfserv.stop')
    fill(0)
    for (const round of [1, 2]) {
      const started = await world.run('mfserv.start')
      assert.equal(started.code, 2, `${round}: ${started.stdout}${started.stderr}`)
      await answers()
      const { code, stdout } = await world.run('mfserv.status')
      assert.equal(code, 2, stdout)
      assert.match(stdout, /the disk is full.*\(DISK\)/)
      fill(0)
      await world.must('mfserv.stop')
    }
    assert.equal(readFileSync(join(home, 'var/plugins/good/config.ini'), 'utf8'), before)
    rmSync(join(home, 'ballast'))
    rmSync(join(home, 'ballast2'), { force: true })
    await world.must('mfserv.start')
    assert.equal((await get(`${world.url}/good`)).status, 200)
  })

  test('a disk that takes no further file is told, and so is one that became read-only; the apps answer', async () => {
    const { files, ffree } = statfsSync(home)
    execFileSync('mount', ['-o', `remount,nr_inodes=${files - ffree + 200}`, home])
    for (let left = statfsSync(home).ffree, number = 0; left > 0; left -= 1, number += 1)
      writeFileSync(join(home, `file${number}`), '')
    const noFiles = await world.until('it is told', ({ because }) => because.join().includes('no room for another file'))
    assert.equal(noFiles.status, 'DEGRADED')
    await answers()
    execFileSync('mount', ['-o', 'remount,nr_inodes=100k', home])
    await world.until('with room again all is well', ({ status }) => status === 'RUNNING')
    execFileSync('mount', ['--bind', home, home])
    execFileSync('mount', ['-o', 'remount,ro,bind', home])
    try {
      const readOnly = await world.until('it is told', ({ because }) => because.join().includes('read-only'))
      assert.equal(readOnly.status, 'DEGRADED')
      assert.equal((await world.run('mfserv.status')).code, 2)
      await answers()
    } finally {
      execFileSync('umount', ['-l', home])
    }
    await world.until('it can be written again', ({ status }) => status === 'RUNNING')
  })

  function fill(roomKib: number): void {
    const { bavail, bsize } = statfsSync(home)
    const name = existsSync(join(home, 'ballast')) ? 'ballast2' : 'ballast'
    writeFileSync(join(home, name), Buffer.alloc(Math.max(0, bavail * bsize - roomKib * 1024)))
  }

  async function answers(): Promise<void> {
    assert.equal((await get(`${world.url}/page/`)).status, 200)
    await eventually('the app answers', async () => (await get(`${world.url}/good`)).status === 200 || undefined, 10_000)
  }

  function logOf(name: string): string {
    return readFileSync(join(home, `log/${name}.log`), 'utf8')
  }

  function watch(): () => Promise<readonly string[]> {
    const wrong: string[] = []
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        for (const path of ['good', 'page/', '__health']) {
          const { status, body } = await get(`${world.url}/${path}`)
          if (status !== 200) wrong.push(`${path} ${status} ${body.slice(0, 80)}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
    return async () => {
      isOver = true
      await asking
      return wrong
    }
  }
})

function isFull({ problems }: StatusReport): boolean {
  return problems.some(({ code, message }) => code === 'DISK' && /the disk (is|was) full/.test(message))
}
