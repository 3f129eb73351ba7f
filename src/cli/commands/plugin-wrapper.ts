import type { Command } from 'commander'
import { WRAPPER_USAGE, type WrapperOptions } from '../wrapper-words.ts'

export function register(program: Command): void {
  program
    .command('wrapper')
    .description('Run one command in the environment of a plugin. Its exit code and signals are those of the command.')
    .usage(WRAPPER_USAGE)
    .argument('<NAME>', 'an installed plugin, or the directory of one, written with a slash or a dot')
    .argument('[words...]', 'the command and its arguments')
    .option('--cwd', 'work in the directory of the plugin')
    .option('--empty', 'keep nothing of the environment of the caller')
    .option('--plugins-base-dir <directory>', 'look for NAME in this directory')
    .passThroughOptions()
    .action(run)
}

/** `plugin_wrapper NAME …`: every word behind NAME is read here anyway. */
export async function direct(words: readonly string[]): Promise<boolean> {
  const [name, ...rest] = words
  return name !== undefined && !name.startsWith('-') && (await start(name, rest, {})) !== 'help'
}

async function run(name: string, words: readonly string[], before: WrapperOptions, command: Command): Promise<void> {
  if ((await start(name, words, before)) === 'help') command.outputHelp()
}

/** Does not come back, unless it is asked for help. */
async function start(name: string, words: readonly string[], before: WrapperOptions): Promise<'help'> {
  const { become } = await import('../../host/process/become.ts')
  const { overCaller } = await import('../../desired/caller-environment.ts')
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { findPluginPlace } = await import('../../host/recall/find-plugin-place.ts')
  const { Problem } = await import('../../problem.ts')
  const { readWrapperWords } = await import('../wrapper-words.ts')
  const call = readWrapperWords([name, ...words], before)
  if (call instanceof Problem) throw call
  if (call === 'help') return call
  const { plugin: wanted, argv, options } = call
  const place = await findPluginPlace({ wanted, base: options.pluginsBaseDir }, pathsOf(runtimeHome()), process.env)
  return become({
    name: 'plugin_wrapper',
    argv,
    environment: options.empty === true ? place.environment : overCaller(place.environment, process.env),
    cwd: options.cwd === true ? place.home : process.cwd(),
  })
}
