import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after } from 'node:test'
import { newWorld, type Ran } from '../world.ts'

export const world = await newWorld()

after(() => rmSync(world.home, { recursive: true, force: true }))

/** A mistake is told with a code and a fix, and never as a fault of ours. */
export function assertTold({ code, stdout, stderr }: Ran, problem: string, why: RegExp): void {
  const said = `${stdout}${stderr}`
  assert.doesNotMatch(said, /fault of mfserv/)
  assert.match(said, new RegExp(`\\(${problem}\\)\\n {2}\\S`))
  assert.match(said, why)
  assert.equal(code, 1)
}
