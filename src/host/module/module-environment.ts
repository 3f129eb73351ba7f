import { type Config, settingsEnvironment } from '../../config/config.ts'
import type { Variables } from '../../config/variables.ts'
import { type Environment, moduleEnvironment } from '../../desired/environment.ts'
import type { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { readHardware } from './hardware.ts'
import { readModuleFacts } from './machine.ts'
import { readConfig } from './read-config.ts'

export interface ModuleOnDisk {
  readonly config: Config
  /** For the `{{NAME}}` of the plugins. */
  readonly variables: Variables
  /** What every process of the module has. */
  readonly environment: Environment
  readonly problems: readonly Problem[]
}

/** The module as its files and this machine make it, for a command that needs no daemon. */
export function readModule(paths: Paths, env: NodeJS.ProcessEnv): ModuleOnDisk {
  const hardware = readHardware()
  const { config, variables, problems } = readConfig(paths, hardware, env)
  const environment = moduleEnvironment(readModuleFacts(paths, hardware, env), settingsEnvironment(config))
  return { config, variables, environment, problems }
}
