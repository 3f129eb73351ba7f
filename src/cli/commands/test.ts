import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { overCaller } from '../../desired/caller-environment.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { withDevelopmentTools } from '../../host/environments/development/environment.ts'
import { testsOf } from '../../host/environments/development/tests.ts'
import { buildDevelopmentTools } from '../../host/environments/development/tools.ts'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { findPluginPlace } from '../../host/recall/find-plugin-place.ts'
import { shellArgument } from '../../shell-quote.ts'
import { progress, type Result } from '../output.ts'

interface TestOptions {
  readonly pluginPath?: string
}

/** Runs the tests of a plugin with what it needs, and with the tools of requirements-dev.txt. */
export async function run([words]: readonly [readonly string[]], { pluginPath = '.' }: TestOptions): Promise<Result> {
  const home = resolve(pluginPath)
  const paths = pathsOf(runtimeHome())
  const place = await findPluginPlace({ wanted: `${home}/`, base: undefined }, paths, process.env)
  await buildDevelopmentTools(home, buildTools(paths, process.env, progress), progress)
  const environment = withDevelopmentTools(overCaller(place.environment, process.env), home, MFSERV_HOME)
  const commands = testsOf(home)
  for (const argv of commands) {
    const all = [...argv, ...words]
    progress(all.map(shellArgument).join(' '))
    const { status, signal, error } = spawnSync(all[0] ?? '', all.slice(1), { cwd: home, env: environment, stdio: 'inherit' })
    if (error !== undefined) throw error
    const exitCode = status ?? 128 + (signal === null ? 0 : constants.signals[signal])
    if (exitCode !== 0) return { data: { name: place.name, failed: all, exitCode }, text: '', exitCode }
  }
  return { data: { name: place.name, ran: commands }, text: '' }
}
