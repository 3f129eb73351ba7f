import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { edit, get, newWorld } from '../world.ts'
import { sourcesOf } from './make-release.ts'

const isRoot = process.getuid?.() === 0
/** For nothing at all, for half of the files, for half of the virtualenv, for half of what it is made with. */
const ROOMS_KIB = [0, 40, 96, 192]
/** Leaves no room for what comes after it: the record of the release. It works on the whole runtime home, so it is in no sandbox. */
const POSTINSTALL = `#!/bin/sh
if [ -e "$MFMODULE_RUNTIME_HOME/fill" ]; then cat /dev/zero >"$MFMODULE_RUNTIME_HOME/ballast"; fi
exit 0
`

test('on a full disk a release is refused with the fix, what serves goes on, nothing is left, and with room it goes through', {
  skip: isRoot ? false : 'mounting a small disk needs root',
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', home])
  const world = await newWorld('[releases]\nwatch_seconds = 0\n[sandbox]\noff = blog,shop\n', home)
  const ballast = join(home, 'ballast')
  const releases = (name: string): readonly string[] => {
    const directory = join(home, 'var/plugins/.releases', name)
    return existsSync(directory) ? readdirSync(directory).sort() : []
  }
  const fill = (roomKib: number): void => {
    const { bavail, bsize } = statfsSync(home)
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - roomKib * 1024))
  }
  try {
    await world.start()
    const blog = await sourcesOf(world, 'blog', 'default')
    writeFileSync(join(blog.home, 'python3_virtualenv_sources/requirements-to-freeze.txt'), 'six==1.17.0\n')
    writeFileSync(join(blog.home, 'postinstall'), POSTINSTALL, { mode: 0o755 })
    const one = await blog.release('1.0.0')
    const two = await blog.release('2.0.0', (sources) => edit(join(sources, 'main/wsgi.py'), 'Hello World!', 'two'))
    await world.must('plugins.install', [one])
    const before = releases('blog')
    for (const room of [...ROOMS_KIB, 'until its postinstall'] as const) {
      for (const argv of [['plugins.hotswap', two] as const, ['plugins.install', '--new-name', 'shop', two] as const]) {
        rmSync(ballast, { force: true })
        if (room === 'until its postinstall') writeFileSync(join(home, 'fill'), '')
        else fill(room)
        const [command, ...args] = argv
        const { code, stderr } = await world.run(command, args)
        const where = `${command} with room ${room}: ${stderr}`
        assert.equal(code, 1, where)
        assert.match(stderr, /\(DISK\)\n {2}.*[Mm]ake room/, where)
        assert.deepEqual(await get(`${world.url}/blog`), { status: 200, body: 'Hello World!' }, where)
        assert.equal((await get(`${world.url}/shop`)).status, 404, where)
        assert.deepEqual(releases('blog'), before, where)
        assert.deepEqual(releases('shop'), [], where)
      }
    }
    rmSync(join(home, 'fill'))
    await world.must('plugins.uninstall', ['blog'])
    rmSync(ballast)
    await world.must('plugins.install', [one])
    await world.must('plugins.hotswap', [two])
    assert.equal((await get(`${world.url}/blog`)).body, 'two')
  } finally {
    await world.run('mfserv.stop')
    execFileSync('umount', ['-l', home])
    rmSync(home, { recursive: true, force: true })
  }
})
