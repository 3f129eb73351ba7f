import { readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { MFSERV_HOME } from '../../host/home/paths.ts'
import { type Report, runTool } from '../../host/process/run-tool.ts'
import { Problem } from '../../problem.ts'

export interface AfterRelease {
  readonly install?: boolean
  /** How make is called there. */
  readonly makeWords?: readonly [string, ...string[]]
  /** Keep only the .plugin file, one directory up. */
  readonly delete?: boolean
}

/** Makes the .plugin file of a new plugin, and does with it what is asked. Returns where it is. Throws `BUILD_FAILED`. */
export async function releaseNewPlugin(
  home: string,
  after: AfterRelease,
  environment: NodeJS.ProcessEnv,
  report: Report,
): Promise<readonly string[]> {
  const env = { ...environment, MFSERV_HOME }
  const run = async (argv: readonly [string, ...string[]]): Promise<void> => {
    const doing = [basename(argv[0]), ...argv.slice(1)].join(' ')
    const result = await runTool({ argv, cwd: home, env, doing, install: 'Install make (Debian: apt install make).' }, report)
    if (result.is === 'done') return
    const fix = `The plugin itself was created. Fix what the message says, then run "${doing}" there.`
    throw new Problem('BUILD_FAILED', `${doing} failed:\n${result.message}`, fix, { file: home })
  }
  await run([...(after.makeWords ?? (['make'] as const)), 'release'])
  const released = readdirSync(home)
    .filter((name) => name.endsWith('.plugin'))
    .sort()
    .map((name) => join(home, name))
  for (const file of after.install === true ? released : []) await run([join(MFSERV_HOME, 'bin/plugins.install'), file])
  return after.delete === true ? keepOnly(released, home) : released
}

function keepOnly(released: readonly string[], home: string): readonly string[] {
  const kept = released.map((file) => join(dirname(home), basename(file)))
  for (const [index, file] of released.entries()) renameSync(file, kept[index] ?? file)
  rmSync(home, { recursive: true, force: true })
  return kept
}
