import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('env')
    .description('Open a shell in the environment of a plugin, or run the commands of standard input there.')
    .argument('[NAME]', 'the name of an installed plugin, or its directory; by default the plugin in this directory')
    .action(async (name: string | undefined) => open(name))
}

/** Without options. */
export async function direct(words: readonly string[]): Promise<boolean> {
  const [name, ...more] = words
  return more.length === 0 && name?.startsWith('-') !== true && (await open(name))
}

/** What the shell keeps of the environment it is called from. */
const KEPT = [
  'HOME',
  'TERM',
  'DISPLAY',
  'COLORTERM',
  'HOSTNAME',
  'LANG',
  'LOGNAME',
  'USER',
  'USERNAME',
  'XAUTHORITY',
  'MFMODULE_RUNTIME_HOME',
  'MFMODULE_RUNTIME_SUFFIX',
]

/** Does not come back. */
async function open(name: string | undefined): Promise<never> {
  const { join } = await import('node:path')
  const { become } = await import('../../host/process/become.ts')
  const { chosenFrom } = await import('../../desired/caller-environment.ts')
  const { MFSERV_HOME, pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { findPluginPlace } = await import('../../host/recall/find-plugin-place.ts')
  const wanted = name ?? (await pluginHere())
  const place = await findPluginPlace({ wanted, base: undefined }, pathsOf(runtimeHome()), process.env)
  const profile = join(MFSERV_HOME, 'share/plugin_env_profile')
  return become({
    name: 'plugin_env',
    argv: ['bash', '--rcfile', profile],
    environment: {
      ...chosenFrom(process.env, KEPT),
      ...place.environment,
      PIP_PREFIX: join(place.home, 'local'),
      // A shell without a terminal reads this one instead of the --rcfile.
      BASH_ENV: profile,
    },
    cwd: place.home,
  })
}

/** The plugin whose directory this is. */
async function pluginHere(): Promise<string> {
  const { existsSync } = await import('node:fs')
  const { Problem } = await import('../../problem.ts')
  if (existsSync('.layerapi2_label')) return '.'
  throw new Problem(
    'USAGE',
    `${process.cwd()} is not the directory of a plugin: it has no .layerapi2_label`,
    'Go into the directory of a plugin, or give the name of an installed one: plugin_env NAME',
  )
}
