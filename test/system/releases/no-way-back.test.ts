import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { edit, get, newWorld, writeFile } from '../world.ts'
import { sourcesOf } from './make-release.ts'

/** A program that does not start any more once there is a file. */
const FRAGILE = `import os
if os.path.exists(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/bad"):
    raise SystemExit("it went bad")
def `
const SPOILS = '\n[extra_daemon_feed]\ncmd_and_args = sh -c "touch $MFSERV_CURRENT_PLUGIN_DATA_DIR/bad; exit 4"\n'

test('when the daemon of a new version fails and the old version does not start either, the new one stays whole and in force', async () => {
  const world = await newWorld('[releases]\nwatch_seconds = 0\n')
  try {
    await world.start()
    const blog = await sourcesOf(world, 'blog', 'default')
    const old = await blog.release('1.0.0', (home) => edit(join(home, 'main/wsgi.py'), 'def ', FRAGILE))
    const spoils = await blog.release('2.0.0', (home) => appendFileSync(join(home, 'config.ini'), SPOILS))
    await world.must('plugins.install', [old])
    const ran = await world.run('plugins.hotswap', [spoils])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /2\.0\.0-1-\w{8} of blog is in force[\s\S]*daemon feed failed[\s\S]*it went bad/)
    assert.equal((await get(`${world.url}/blog`)).status, 200)
    assert.ok(existsSync(join(world.home, 'var/plugins/blog/config.ini')))
    await world.must('plugins.hotswap', [await blog.release('3.0.0')])
  } finally {
    await world.end()
  }
})

/** Reads a file of its own release at each request. */
const READS = `import os
def application(environ, start_response):
    start_response("200 OK", [])
    return [open(os.path.join(os.path.dirname(__file__), "text")).read().encode()]
`

test('what old workers still serve from stays while no daemon runs, and goes when nobody uses it any more', async () => {
  const world = await newWorld('[releases]\nwatch_seconds = 0\nkeep = 1\n')
  const releases = (): readonly string[] => readdirSync(join(world.home, 'var/plugins/.releases/blog')).sort()
  const served = (): Promise<{ readonly body: string }> => get(`${world.url}/blog`)
  try {
    await world.start()
    const blog = await sourcesOf(world, 'blog', 'default')
    const release = (version: string): Promise<string> =>
      blog.release(version, (home) => {
        writeFile(join(home, 'main/wsgi.py'), READS)
        writeFile(join(home, 'main/text'), version)
      })
    await world.must('plugins.install', [await release('1.0.0')])
    const { pid } = (await world.status()).daemon
    process.kill(pid ?? assert.fail('no daemon'), 'SIGKILL')
    const { stdout } = await world.must('plugins.hotswap', [await release('2.0.0')])
    assert.match(stdout, /mfserv\.start/)
    assert.equal((await served()).body, '1.0.0')
    await world.start()
    await world.until('the new version serves alone', ({ plugins }) =>
      plugins.every(({ state, leaving }) => state === 'serving' && leaving === 0),
    )
    assert.equal((await served()).body, '2.0.0')
    await world.must('plugins.hotswap', [await release('3.0.0')])
    assert.equal((await served()).body, '3.0.0')
    const kept = releases()
    assert.deepEqual(
      kept.map((name) => name.slice(0, 3)),
      ['3.0', '3.0'],
    )
  } finally {
    await world.end()
  }
})
