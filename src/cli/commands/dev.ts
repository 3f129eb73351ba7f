import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { MFSERV_HOME } from '../../host/home/paths.ts'
import { Problem } from '../../problem.ts'
import type { Result } from '../output.ts'
import { run as develop } from './develop.ts'

/** Of an application that has a Makefile of its own. */
const ADOPTED = 'mfserv.mk'

interface DevOptions {
  readonly pluginPath?: string
  readonly json?: true
}

/** Builds a plugin as its Makefile says, serves it from its directory, and stays. */
export async function run(_args: readonly [], { pluginPath = '.', json }: DevOptions): Promise<Result> {
  const home = resolve(pluginPath)
  const { status, signal, error } = spawnSync('make', ['-C', home, '--no-print-directory', ...makefileOf(home)], {
    env: { ...process.env, MFSERV_HOME },
    // Its words are no answer of ours.
    stdio: ['inherit', process.stderr, process.stderr],
  })
  if (error !== undefined) {
    const fix = 'Install it: apt-get install make'
    throw new Problem('TOOL_MISSING', `make cannot be run: ${error.message}`, fix, undefined, error)
  }
  const exitCode = status ?? 128 + (signal === null ? 0 : constants.signals[signal])
  if (exitCode !== 0) return { data: { home, exitCode }, text: `${home} was not built, so it is not served anew.`, exitCode }
  // Only what is built is of the caller: from here on it is as with _plugins.develop.
  process.umask(0o077)
  return await develop([undefined], { pluginPath: home, checked: true, follow: true, ...(json === undefined ? {} : { json }) })
}

/** The words for make: a directory without a Makefile for mfserv has the usual one. */
function makefileOf(home: string): readonly string[] {
  if (existsSync(join(home, ADOPTED))) return ['-f', ADOPTED]
  if (['GNUmakefile', 'makefile', 'Makefile'].some((name) => existsSync(join(home, name)))) return []
  const usual = join(MFSERV_HOME, 'share/plugin.mk')
  return ['-f', usual, `MFSERV_MAKEFILE=${usual}`]
}
