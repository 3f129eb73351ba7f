import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { eventually } from '../../../test/system/world.ts'
import { pathsOf } from '../../host/home/paths.ts'
import { Plugins } from './plugins.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfwanted'))
const before = process.env['MFSERV_SITE_DIRECTORY']
process.env['MFSERV_SITE_DIRECTORY'] = join(directory, 'site')
after(() => {
  if (before === undefined) delete process.env['MFSERV_SITE_DIRECTORY']
  else process.env['MFSERV_SITE_DIRECTORY'] = before
  rmSync(directory, { recursive: true, force: true })
})

const paths = pathsOf(directory)
const files = [join(paths.config, 'plugins/blog.ini'), join(directory, 'site/plugins/blog.ini')]

beforeEach(() => {
  for (const file of files) rmSync(dirname(file), { recursive: true, force: true })
  mkdirSync(join(paths.plugins, 'blog'), { recursive: true })
})

for (const file of files) {
  test(`other values in ${file.slice(directory.length + 1)} are noticed when their file is made, and when it is removed`, async () => {
    const plugins = new Plugins(paths, () => undefined)
    const look = () => plugins.refresh({}, 'stale')
    assert.equal(await look(), 'changed')
    assert.equal(await look(), 'same')
    write(file, '[general]\n')
    await eventually('the file is whole', async () => ((await look()) === 'changed' ? true : undefined))
    assert.equal(await look(), 'same')
    rmSync(file)
    await eventually('the file does not come back', async () => ((await look()) === 'changed' ? true : undefined))
    assert.equal(await look(), 'same')
    await plugins.close()
  })

  test(`where ${dirname(file).slice(directory.length + 1)} is no directory, nothing is read again and again, and its return is noticed`, async () => {
    write(dirname(file), '')
    const plugins = new Plugins(paths, () => undefined)
    const look = () => plugins.refresh({}, 'stale')
    assert.equal(await look(), 'changed')
    assert.equal(await look(), 'same')
    rmSync(dirname(file))
    write(file, '[general]\n')
    await eventually('the file is whole', async () => ((await look()) === 'changed' ? true : undefined))
    await plugins.close()
  })
}

test('a plugin in development whose change could not be read is read again, although it has changed no more since', async (t) => {
  const sources = join(directory, 'sources')
  write(join(sources, 'config.ini'), '')
  symlinkSync(sources, join(paths.plugins, 'shop'))
  let marked = 0
  const plugins = new Plugins(paths, () => {
    marked += 1
  })
  t.after(() => plugins.close())
  await plugins.refresh({}, 'stale')
  // What mfserv keeps of the plugin cannot be read.
  const kept = join(paths.models, 'shop.json')
  mkdirSync(kept, { recursive: true })
  await eventually('the change is noticed', () => {
    write(join(sources, 'config.ini'), `# ${marked}\n`)
    return marked > 0 || undefined
  })
  const failed = await eventually('the file is whole', () =>
    plugins.refresh({}, 'stale').then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
  assert.match(String(failed), /EISDIR/)
  rmSync(kept, { recursive: true })
  assert.equal(await plugins.refresh({}, 'stale'), 'changed')
})

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
