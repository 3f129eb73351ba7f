import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CLONE, execute } from '../system/world.ts'

const BENCH = join(CLONE, 'bench/main.ts')

test('make bench measures the commands beside a bare node and prints the table', async () => {
  const { code, stdout, stderr } = await execute(process.execPath, [BENCH, '--quick', 'commands'], {})
  assert.equal(code, 0, stderr)
  assert.match(stdout, /│ plugins\.list +│ \d+ \(\d+–\d+\) +│ \d+\.\d\d/)
  assert.match(stdout, /│ mfserv --help +│ \d+ \(\d+–\d+\) +│ \d+\.\d\d/)
})

test('an unknown theme is told together with those there are', async () => {
  const { code, stderr } = await execute(process.execPath, [BENCH, 'nothing'], {})
  assert.equal(code, 1)
  for (const theme of ['throughput', 'types', 'commands', 'memory', 'edits'])
    assert.match(stderr, new RegExp(`^ +${theme} +\\S`, 'm'))
})
