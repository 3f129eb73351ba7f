import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPackageFacts } from '../../../src/host/package/read-package.ts'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { Problem, Problems } from '../../../src/problem.ts'
import type { World } from '../world.ts'

/** Both ways to read a file refuse it, and nothing is left of it. Returns the first problem. */
export async function refused(world: World, bytes: Uint8Array, because: RegExp): Promise<Problem> {
  const directory = mkdtempSync(join(tmpdir(), 'mfserv-hostile-'))
  try {
    const file = join(directory, 'evil-1.0-1.metwork.mfserv.plugin')
    writeFileSync(file, bytes)
    const target = join(directory, 'target')
    const [first, second] = [
      await problemsOf(unpackPackage(file, target, { trust: NO_TRUST })),
      await problemsOf(readPackageFacts(file)),
    ]
    for (const problems of [first, second]) assert.match(problems.map(({ message }) => message).join('\n'), because)
    assert.deepEqual(readdirSync(directory), ['evil-1.0-1.metwork.mfserv.plugin'])
    assert.ok(!existsSync(join(directory, '../evil')) && !existsSync('/tmp/evil') && !existsSync(join(world.home, 'evil')))
    return first[0] ?? assert.fail('it was taken')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function problemsOf(reading: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await reading
  } catch (error) {
    if (error instanceof Problems) return error.all
    if (error instanceof Problem) return [error]
    throw error
  }
  return []
}
