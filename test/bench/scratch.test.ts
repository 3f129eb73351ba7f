import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openScratch } from '../../bench/scratch.ts'
import { eventually } from '../system/world.ts'

test('a measured server leaves no process behind, neither when it forked nor when it has ended before', async () => {
  const scratch = openScratch()
  const pids = join(scratch.directory, 'pids')
  const fork = `trap 'exit 0' TERM; sleep 1000 & echo $! >>"$0"; sleep 1000 & echo $! >>"$0";`
  for (const then of ['wait', 'exit']) scratch.start(['sh', '-c', `${fork} ${then}`, pids], {})
  const forked = await eventually('both have forked', () => {
    const found = existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n') : []
    return found.length === 4 ? found : undefined
  })
  await scratch.end()
  assert.deepEqual(
    forked.filter((pid) => existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))),
    [],
  )
  assert.equal(existsSync(scratch.directory), false)
})
