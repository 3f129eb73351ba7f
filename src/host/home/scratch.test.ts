import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { namesIn } from '../disk/names-in.ts'
import { processId } from '../process/proc.ts'
import { pathsOf } from './paths.ts'
import { withScratchOf } from './scratch.ts'

test('what a killed command left in the runtime home goes with the next one, and nothing else does', async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'mf'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home)
  const startTime = processId(process.ppid)?.startTime ?? 0
  const gone = [`plan.${process.ppid}-${startTime + 1}.AbCdEf`, 'plan.4194305-7.AbCdEf']
  const kept = [`plan.${process.ppid}-${startTime}.AbCdEf`, 'repackage.4194305-7.AbCdEf', 'plan.txt', 'plans']
  for (const name of [...gone, ...kept]) mkdirSync(join(paths.tmp, name), { recursive: true })
  const own = await withScratchOf(paths, 'plan', async (scratch) => {
    writeFileSync(join(scratch, 'file'), '')
    assert.deepEqual(
      gone.filter((name) => existsSync(join(paths.tmp, name))),
      [],
    )
    return scratch
  })
  assert.equal(existsSync(own), false)
  assert.deepEqual(namesIn(paths.tmp), kept.toSorted())
})
