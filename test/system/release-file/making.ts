import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execute, type World } from '../world.ts'

/** Builds what a release brings, as an installation does: a program of its own, that can be run without a network. */
export const BUILD = resolve(import.meta.dirname, 'build-vendored.ts')

export async function make(world: World, home: string, env: Record<string, string> = {}, words: readonly string[] = []) {
  const ran = await execute('make', ['release', ...words], {
    in: home,
    env: { MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: resolve(import.meta.dirname, '../../..'), ...env },
  })
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  return ran
}

/** Makes the release file as `make release` does. With variables of its own the command is started by itself. */
export function release(world: World, home: string, env?: Readonly<Record<string, string>>) {
  return world.must('_plugins.release', [], { in: home, ...(env === undefined ? {} : { env }) })
}

export function plugins(home: string): readonly string[] {
  return readdirSync(home).filter((name) => name.includes('.plugin'))
}

export function fileIn(home: string): string {
  const [name, ...others] = plugins(home)
  assert.deepEqual(others, [])
  return join(home, name ?? assert.fail(`no release in ${home}`))
}
