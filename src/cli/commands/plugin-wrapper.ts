import { overCaller } from '../../desired/caller-environment.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { become } from '../../host/process/become.ts'
import { findPluginPlace } from '../../host/recall/find-plugin-place.ts'

interface WrapperOptions {
  readonly cwd?: true
  readonly empty?: true
  readonly pluginsBaseDir?: string
}

/** Does not come back. */
export async function run([wanted, argv]: readonly [string, readonly string[]], options: WrapperOptions): Promise<undefined> {
  const place = await findPluginPlace({ wanted, base: options.pluginsBaseDir }, pathsOf(runtimeHome()), process.env)
  become({
    name: 'plugin_wrapper',
    argv,
    environment: options.empty === true ? place.environment : overCaller(place.environment, process.env),
    cwd: options.cwd === true ? place.home : process.cwd(),
  })
}
