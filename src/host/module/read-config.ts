import { join } from 'node:path'
import { buildConfig, type Config, type LayerName, type LayerText, settingsEnvironment } from '../../config/config.ts'
import { type HardwareFacts, hardwareVariables } from '../../config/hardware.ts'
import type { Variables } from '../../config/variables.ts'
import { configurationName } from '../../config/variants.ts'
import type { Problem } from '../../problem.ts'
import { readText } from '../disk/read-text.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { type SiteFiles, siteFiles } from '../home/site.ts'
import { version } from '../home/version.ts'

/** All that a configuration is made of but the environment and the hardware. */
export interface ConfigSource {
  readonly layers: readonly LayerText[]
  /** Of the configuration, such as DEV. */
  readonly name: string
}

export interface ReadConfig {
  readonly source: ConfigSource
  readonly config: Config
  /** For the `{{NAME}}` of the plugins: the environment, the hardware, and the configuration itself. */
  readonly variables: Variables
  readonly problems: readonly Problem[]
}

/** The configuration of the module from its files. A file that does not exist changes nothing; one that cannot be read is a problem. */
export function readConfig(
  paths: Paths,
  hardware: HardwareFacts,
  env: NodeJS.ProcessEnv,
  site: SiteFiles = siteFiles(env),
): ReadConfig {
  const problems: Problem[] = []
  const layers = [layerText('user', join(paths.config, 'config.ini'), problems), layerText('site', site.config, problems)].filter(
    (layer) => layer !== undefined,
  )
  const name = configurationName(env['MFCONFIG'], readText(site.configurationName, problems))
  const built = configOf({ layers, name }, paths, hardware, env)
  return { ...built, problems: [...problems, ...built.problems] }
}

/** The configuration that these texts make. */
export function configOf(source: ConfigSource, paths: Paths, hardware: HardwareFacts, env: NodeJS.ProcessEnv): ReadConfig {
  const machine: Variables = {
    ...definedIn(env),
    ...hardwareVariables(hardware),
    MFMODULE_HOME: MFSERV_HOME,
    MFSERV_HOME,
    MFMODULE_RUNTIME_HOME: paths.runtimeHome,
    MFMODULE_VERSION: version(),
    MFCONFIG: source.name,
  }
  const { config, problems } = buildConfig(source.layers, machine, source.name)
  return { source, config, variables: { ...machine, ...settingsEnvironment(config) }, problems }
}

function layerText(layer: LayerName, file: string, problems: Problem[]): LayerText | undefined {
  const text = readText(file, problems)
  return text === undefined ? undefined : { layer, file, text }
}

function definedIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
