import { overCaller } from '../../desired/caller-environment.ts'
import type { Environment } from '../../desired/environment.ts'
import { withDevelopmentTools } from '../../host/environments/development/environment.ts'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { become } from '../../host/process/become.ts'
import { findPluginPlace } from '../../host/recall/find-plugin-place.ts'
import { shellWord } from '../../shell-quote.ts'
import type { Result } from '../output.ts'

interface WrapperOptions {
  readonly cwd?: true
  readonly empty?: true
  readonly bashCmds?: true
  readonly ignoreCache?: true
  readonly doNotAddPluginDirToPythonPath?: true
  readonly addExtraDirToPythonPath?: string
  readonly addExtraDirToNodePath?: string
  readonly pluginsBaseDir?: string
}

/** Does not come back, but for `--bash-cmds`. */
export async function run(
  [wanted, argv]: readonly [string, readonly string[]],
  options: WrapperOptions,
): Promise<Result | undefined> {
  const place = await findPluginPlace({ wanted, base: options.pluginsBaseDir }, pathsOf(runtimeHome()), process.env)
  const environment = withPaths(withDevelopmentTools(place.environment, place.home, MFSERV_HOME), place.home, options)
  if (options.bashCmds === true) {
    const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`)
    const lines = [...exports, ...(options.cwd === true ? [`cd ${shellWord(place.home)}`] : [])]
    return { data: environment, text: lines.join('\n'), for: 'a shell' }
  }
  become({
    name: 'plugin_wrapper',
    argv,
    environment: options.empty === true ? environment : overCaller(environment, process.env),
    cwd: options.cwd === true ? place.home : process.cwd(),
  })
  return undefined
}

/** What the options of the first generation say of the search paths. */
function withPaths(environment: Environment, home: string, options: WrapperOptions): Environment {
  const { doNotAddPluginDirToPythonPath, addExtraDirToPythonPath, addExtraDirToNodePath } = options
  const python = (environment['PYTHONPATH'] ?? '')
    .split(':')
    .filter((directory) => directory !== home || doNotAddPluginDirToPythonPath !== true)
  const paths = {
    PYTHONPATH: [addExtraDirToPythonPath, ...python],
    NODE_PATH: [addExtraDirToNodePath, ...(environment['NODE_PATH'] ?? '').split(':')],
  }
  const joined = Object.entries(paths).map(
    ([name, parts]) => [name, parts.filter((part) => part !== undefined && part !== '').join(':')] as const,
  )
  return { ...environment, ...Object.fromEntries(joined.filter(([, value]) => value !== '')) }
}
