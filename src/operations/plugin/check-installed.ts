import { overCaller } from '../../desired/caller-environment.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { readWithOverrides } from '../../host/plugins/plugin-entry.ts'
import { placeOf } from '../../host/plugins/plugin-environment.ts'
import { type Check, checkPlugin } from './health-checks.ts'

/** The checks of an installed plugin, as its files are now; none where they do not read. */
export async function checkInstalled(name: string, paths: Paths, env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const module = readModule(paths, env)
  const { plugin } = readWithOverrides(name, module.variables, paths, env)
  if (plugin === undefined) return []
  const { environment } = placeOf(plugin, module, paths, env)
  return await checkPlugin(plugin, overCaller(environment, env), module.config.settings)
}
