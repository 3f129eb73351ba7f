import { type Config, commonEnvironment, environmentOfPlugin, settingsEnvironment } from '../../config/config.ts'
import type { Variables } from '../../config/variables.ts'
import { type Environment, type ModuleEnvironment, moduleEnvironment } from '../../desired/environment.ts'
import type { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { readHardware } from './hardware.ts'
import { readModuleFacts } from './machine.ts'
import { readConfig } from './read-config.ts'

export interface ModuleOnDisk {
  readonly config: Config
  /** For the `{{NAME}}` of the plugins. */
  readonly variables: Variables
  /** All of it, for a shell of the user of mfserv. */
  readonly environment: Environment
  readonly forPlugins: ModuleEnvironment
  readonly problems: readonly Problem[]
}

/** The module as its files and this machine make it, for a command that needs no daemon. */
export function readModule(paths: Paths, env: NodeJS.ProcessEnv): ModuleOnDisk {
  const hardware = readHardware()
  const { config, variables, problems } = readConfig(paths, hardware, env)
  const facts = readModuleFacts(paths, hardware, env)
  const forPlugins = {
    common: moduleEnvironment(facts, commonEnvironment(config)),
    ofPlugin: (name: string) => environmentOfPlugin(config, name),
  }
  return { config, variables, environment: moduleEnvironment(facts, settingsEnvironment(config)), forPlugins, problems }
}
