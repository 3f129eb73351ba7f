import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LayeredPlugin } from '../../desired/installed.ts'
import { DiskQuotas } from './disk-quotas.ts'

const MB = 1 << 20

test('a plugin that has more on the disk than it may is named, with what it has and its limit, and no other', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'quota'))
  t.after(() => rmSync(home, { recursive: true }))
  const said = t.mock.method(process.stdout, 'write', () => true)
  const plugins = Object.entries({ large: 2, small: 4, free: undefined }).map(([name, diskMax]) => {
    mkdirSync(join(home, 'data', name), { recursive: true })
    writeFileSync(join(home, 'data', name, 'file'), Buffer.alloc(3 * MB, 1))
    return { plugin: { name, diskMax: diskMax && diskMax * MB, apps: [] } } as unknown as LayeredPlugin
  })
  await new Promise<void>((resolve) => {
    const quotas = new DiskQuotas({ data: join(home, 'data'), tmp: join(home, 'tmp') }, () => {
      assert.deepEqual([...quotas.problems.keys()], ['large'])
      const { code, message } = quotas.problems.get('large') ?? assert.fail('it is not named')
      assert.equal(code, 'DISK_QUOTA')
      assert.equal(message, 'it has 3 MB in var/data/large and tmp/large, over its limit of 2 MB (disk_max)')
      resolve()
    })
    quotas.look(plugins)
    quotas.look(plugins)
  })
  const warnings = said.mock.calls.filter(({ arguments: [text] }) => String(text).includes('WARNING'))
  assert.equal(warnings.length, 1)
})
