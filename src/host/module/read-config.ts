import { dirname, join } from 'node:path'
import { buildConfig, type Config, type LayerName, type LayerText, settingsEnvironment } from '../../config/config.ts'
import { namesToResolve } from '../../config/edit/host-keys.ts'
import { includesIn, textFilesIn } from '../../config/edit/parts.ts'
import { type HardwareFacts, hardwareVariables } from '../../config/hardware.ts'
import type { Variables } from '../../config/variables.ts'
import { configurationName } from '../../config/variants.ts'
import type { Problem } from '../../problem.ts'
import { readText } from '../disk/read-text.ts'
import { MFSERV_HOME, type Paths } from '../home/paths.ts'
import { type SiteFiles, siteFiles } from '../home/site.ts'
import { version } from '../home/version.ts'
import { now } from '../process/clock.ts'
import { hostAddresses } from './host-addresses.ts'

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

interface Otherwise {
  readonly site?: SiteFiles
  /** Texts that count in the place of what a file says, by its path: to see what they would mean. */
  readonly instead?: ReadonlyMap<string, string>
}

/** The configuration of the module from its files. A file that does not exist changes nothing; one that cannot be read is a problem. */
export function readConfig(
  paths: Paths,
  hardware: HardwareFacts,
  env: NodeJS.ProcessEnv,
  { site = siteFiles(env), instead }: Otherwise = {},
): ReadConfig {
  const problems: Problem[] = []
  const files = [
    ['user', userConfig(paths)],
    ['site', site.config],
  ] as const
  const layers = files.flatMap(([layer, file]) => {
    const text = instead?.get(file) ?? readText(file, problems)
    return text === undefined ? [] : layersOf(layer, file, text, problems)
  })
  const name = configurationName(env['MFCONFIG'], readText(site.configurationName, problems))
  const built = configOf({ layers, name }, paths, hardware, env)
  return { ...built, problems: [...problems, ...built.problems] }
}

/** The file that `mfserv config set` writes. */
export function userConfig({ config }: Paths): string {
  return join(config, 'config.ini')
}

/** The files that a configuration is read from: those of both layers, and what they name. */
export function configFiles(paths: Paths, env: NodeJS.ProcessEnv): readonly string[] {
  return [userConfig(paths), siteFiles(env).config].flatMap((file) => [file, ...namedBy(file, readText(file, []) ?? '')])
}

function namedBy(file: string, text: string): readonly string[] {
  const direct = [...includesIn(text), ...textFilesIn(text)].map((name) => join(dirname(file), name))
  return [...new Set(direct)]
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
  const { config: built, problems } = buildConfig(source.layers, machine, source.name)
  const names = namesToResolve(built.texts)
  const config = names.length === 0 ? built : { ...built, addresses: hostAddresses(names, paths, now()) }
  return { source, config, variables: { ...machine, ...settingsEnvironment(config) }, problems }
}

/** Of a file, behind those that it includes. What an included one includes is left out. */
function layersOf(layer: LayerName, file: string, text: string, problems: Problem[]): readonly LayerText[] {
  const included = includesIn(text).flatMap((name) => {
    const other = join(dirname(file), name)
    const inside = readText(other, problems)
    return inside === undefined ? [] : [{ name, ...withFiles(layer, other, inside, problems) }]
  })
  const own = withFiles(layer, file, text, problems)
  const names = included.map(({ name }) => name)
  return [...included.map(({ name: _, ...one }) => one), names.length === 0 ? own : { ...own, includes: names }]
}

function withFiles(layer: LayerName, file: string, text: string, problems: Problem[]): LayerText {
  const found = textFilesIn(text).flatMap((name) => {
    const inside = readText(join(dirname(file), name), problems)
    return inside === undefined ? [] : [[name, inside] as const]
  })
  return { layer, file, text, ...(found.length === 0 ? {} : { files: Object.fromEntries(found) }) }
}

function definedIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
