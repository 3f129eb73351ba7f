import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { edit, type Ran } from '../world.ts'
import { blog, makePlugin, paths, shop, sources, world } from './two-plugins.ts'

test('plugins.list --raw has one line for each plugin, in the order of their names', async () => {
  const { stdout, stderr } = await world.must('plugins.list', ['--raw'])
  assert.equal(stdout, `blog~~~1.2.3~~~1~~~${blog}\nshop~~~dev_link~~~dev_link~~~${shop}\n`)
  assert.equal(stderr, '')
})

test('plugins.list --json is an array indented by four, its keys in the documented order', async () => {
  const { stdout } = await world.must('plugins.list', ['--json'])
  const expected = [
    { name: 'blog', release: '1', version: '1.2.3', home: blog, aside: [] },
    { name: 'shop', release: 'dev_link', version: 'dev_link', home: shop, aside: [] },
  ]
  assert.equal(stdout, `${JSON.stringify(expected, null, 4)}\n`)
  assert.equal((await world.must('mfserv', ['plugins', 'list', '--json'])).stdout, stdout)
})

test('plugins.list shows a table with the number of plugins', async () => {
  const { stdout } = await world.must('plugins.list')
  const [title, head, line, ...rows] = stdout.trimEnd().split('\n')
  assert.match(title ?? '', /^┌Installed plugins \(2\)[─┬]+┐$/)
  assert.match(head ?? '', /^│ Name +│ Version +│ Release +│ Home +│$/)
  assert.match(line ?? '', /^├─+┼─+┼─+┼─+┤$/)
  assert.match(rows.join('\n'), /^│ blog +│ 1\.2\.3 +│ 1 +│ .*\n│ shop +│ dev_link +│ dev_link +│ .*\n└─+┴─+┴─+┴─+┘$/)
})

test('plugins.list --raw --json is refused', async () => {
  const { code, stdout } = await world.run('plugins.list', ['--raw', '--json'])
  assert.equal(code, 1)
  assert.equal(JSON.parse(stdout).problems[0].code, 'USAGE')
})

test('a plugin that does not read is listed as error with the reason on standard error, as long as it does not', async () => {
  const home = makePlugin(join(paths.plugins, 'bad'), 'bad')
  const line = async (): Promise<string> => lineOf(await world.must('plugins.list', ['--raw']), 'bad')
  assert.equal(await line(), `bad~~~1.2.3~~~1~~~${home}`)
  edit(join(home, 'config.ini'), 'type=static', 'type=statc')
  const { stdout, stderr } = await world.must('plugins.list', ['--raw'])
  assert.equal(stdout.split('\n')[0], `bad~~~error~~~error~~~${home}`)
  assert.match(stderr, /bad\/config\.ini:\d+ .*statc/)
  assert.match(stdout, /^blog~~~1\.2\.3/m)
  edit(join(home, 'config.ini'), 'type=statc', 'type=static')
  edit(join(home, 'config.ini'), 'version=1.2.3', 'version=2.0.0')
  assert.equal(await line(), `bad~~~2.0.0~~~1~~~${home}`)
  rmSync(join(home, 'main'), { recursive: true })
  assert.equal(await line(), `bad~~~error~~~error~~~${home}`)
  rmSync(home, { recursive: true })
})

test('a development link whose directory is gone is listed as error', async () => {
  const entry = join(paths.plugins, 'lost')
  symlinkSync(join(sources, 'gone'), entry)
  const ran = await world.must('plugins.list', ['--raw'])
  assert.equal(lineOf(ran, 'lost'), `lost~~~error~~~error~~~${entry}`)
  assert.match(ran.stderr, /does not exist any more/)
  rmSync(entry)
})

test('plugins.list lists another directory, and says so when there is none', async () => {
  const { stdout } = await world.must('plugins.list', ['--raw', '--plugins-base-dir', sources])
  assert.equal(stdout, `shop~~~1.2.3~~~1~~~${shop}\n`)
  const { code, stderr } = await world.run('plugins.list', ['--plugins-base-dir', join(sources, 'nowhere')])
  assert.equal(code, 1)
  assert.match(stderr, /nowhere is not a directory/)
})

test('plugins.info shows the facts and apps of a plugin that nothing serves', async () => {
  const { stdout } = await world.must('plugins.info', ['blog'])
  for (const [fact, value] of Object.entries({
    Name: 'blog',
    Version: '1\\.2\\.3',
    Release: '1',
    License: 'BSD',
    State: 'not served',
  })) {
    assert.match(stdout, new RegExp(`│ ${fact} +│ ${value} +│`))
  }
  assert.match(stdout, /│ main │ static │/)
  const facts = JSON.parse((await world.must('plugins.info', [shop, '--json'])).stdout)
  assert.deepEqual([facts.name, facts.version, facts.home, facts.mode], ['shop', '1.2.3', shop, 'directory'])
  assert.deepEqual(facts.problems, [])
  assert.equal((await world.must('plugins.info', ['shop', '--just-home'])).stdout, `${shop}\n`)
})

test('plugins.info names the nearest plugin when there is none of that name', async () => {
  const { code, stderr } = await world.run('plugins.info', ['blgo'])
  assert.equal(code, 1)
  assert.match(stderr, /no plugin named "blgo" is installed .*\n +Did you mean "blog"\?/)
})

function lineOf({ stdout }: Ran, plugin: string): string {
  return stdout.split('\n').find((line) => line.startsWith(`${plugin}~`)) ?? ''
}
