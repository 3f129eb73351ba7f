import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { get, newWorld, type World, writeFile } from '../world.ts'
import { type Sources, sourcesOf } from './make-release.ts'

/** What a version answers that cannot stay: its daemon ends at once. */
const SPOILS = '\n[extra_daemon_feed]\ncmd_and_args = sh -c "exit 4"\n'

describe('a release whose key is not trusted any more, or not for it', () => {
  let world: World
  let blog: Sources
  const files = new Map<string, string>()

  before(async () => {
    world = await newWorld('[releases]\nwatch_seconds = 0\nrequire_signature = 1\n')
    await world.start()
    for (const name of ['first', 'second']) await world.must('mfserv', ['key', 'create', name])
    blog = await sourcesOf(world, 'blog', 'default')
    await release('1.0.0', 'first')
    await release('2.0.0', 'second')
    await release('3.0.0', 'second', (home) => appendFileSync(join(home, 'config.ini'), SPOILS))
    await trust('first')
    await trust('second')
    await world.must('plugins.install', [fileOf('1.0.0')])
  })
  after(() => world.end())

  test('does not come back by a rollback, and what serves goes on; when its key is trusted again it does', async () => {
    await world.must('plugins.hotswap', [fileOf('2.0.0')])
    distrust('first')
    const ran = await world.run('plugins.rollback', ['blog'])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /signed with the key [0-9a-f]{16}, which is not trusted[\s\S]*RELEASE_SIGNATURE/)
    assert.equal(await inForce(), '2.0.0')
    await trust('first')
    await world.must('plugins.rollback', ['blog'])
    assert.equal(await inForce(), '1.0.0')
  })

  test('is not taken back to by itself either: the bad version stays, and the command says what to do', async () => {
    distrust('first')
    const ran = await world.run('plugins.hotswap', [fileOf('3.0.0')])
    assert.equal(ran.code, 1)
    assert.match(ran.stdout + ran.stderr, /will not be taken back/)
    assert.match(
      ran.stderr,
      /3\.0\.0-1-\w{8} of blog is in force[\s\S]*daemon feed failed[\s\S]*not trusted[\s\S]*plugins\.rollback blog/,
    )
    assert.equal(await inForce(), '3.0.0')
    assert.equal((await get(`${world.url}/blog`)).status, 200)
    await world.must('plugins.hotswap', [fileOf('2.0.0')])
  })

  test('is refused wherever it could come in: by hot swap, installation, rollback and provisioning, also without require_signature', async () => {
    writeFile(join(world.home, 'config/config.ini'), `[nginx]\nport = ${world.port}\n[releases]\nwatch_seconds = 0\n`)
    distrust('second')
    await trust('first', '--plugin', 'blog,shop', '--lowest', '1.5')
    const low = /signed by first, but the key is trusted from version 1\.5 on, and this is 1\.0\.0[\s\S]*RELEASE_SIGNATURE/
    const site = join(world.home, 'site/plugins')
    mkdirSync(site, { recursive: true })
    copyFileSync(fileOf('1.0.0'), join(site, 'blog.plugin'))
    const words: readonly (readonly [string, readonly string[]])[] = [
      ['plugins.hotswap', [fileOf('1.0.0')]],
      ['plugins.install', ['--new-name', 'other', fileOf('1.0.0')]],
      ['plugins.rollback', ['blog', '--to', '1.0.0-1']],
      ['mfserv', ['provision']],
    ]
    for (const [command, given] of words) {
      const ran = await world.run(command, given)
      assert.deepEqual([command, ran.code], [command, 1])
      assert.match(ran.stdout + ran.stderr, low)
    }
    rmSync(site, { recursive: true })
    assert.equal(await inForce(), '2.0.0')
    await trust('first', '--plugin', 'shop')
    assert.match((await world.run('plugins.hotswap', [fileOf('1.0.0')])).stderr, /trusted for shop, not for blog/)
  })

  test('is told from the others by the list of keys, which says what each one counts for', async () => {
    await trust('first', '--plugin', 'blog,shop', '--lowest', '0.9')
    const { trusted } = JSON.parse((await world.must('mfserv', ['key', 'list', '--json'])).stdout)
    assert.deepEqual(
      trusted.map(({ name, plugins, lowest }: Record<string, unknown>) => ({ name, plugins, lowest })),
      [{ name: 'first', plugins: ['blog', 'shop'], lowest: '0.9' }],
    )
    assert.match((await world.must('mfserv', ['key', 'list'])).stdout, /first.*blog, shop, from version 0\.9 on/)
    const wrong = await world.run('mfserv', ['key', 'trust', keyOf('first'), '--plugin', 'a b'])
    assert.match(wrong.stderr, /--plugin "a b" does not name plugins[\s\S]*USAGE/)
    await world.must('plugins.rollback', ['blog', '--to', '1.0.0-1'])
    assert.equal(await inForce(), '1.0.0')
  })

  async function release(version: string, sign: string, change?: (home: string) => void): Promise<void> {
    files.set(version, await blog.release(version, change, sign))
  }

  function fileOf(version: string): string {
    return files.get(version) ?? assert.fail(`there is no ${version}`)
  }

  function keyOf(name: string): string {
    return join(world.home, 'config/keys', `${name}.pub`)
  }

  async function trust(name: string, ...words: readonly string[]): Promise<void> {
    await world.must('mfserv', ['key', 'trust', keyOf(name), ...words])
  }

  function distrust(name: string): void {
    rmSync(join(world.home, 'config/trusted_keys', `${name}.pub`))
  }

  async function inForce(): Promise<string | undefined> {
    return (await world.status()).plugins.find(({ name }) => name === 'blog')?.version
  }
})
