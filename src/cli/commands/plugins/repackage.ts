import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { MovedValue } from '../../../plugin/rewrite/repackage.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface RepackageOptions extends OutputOptions {
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('repackage')
    .description('Make a release file of an installed plugin, with the values of its overrides written into it.')
    .argument('<NAME>', 'the name of an installed plugin')
    .option('--plugins-base-dir <directory>', 'look for the name in this directory')
    .action(async (name: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      const options = command.optsWithGlobals<RepackageOptions>()
      print(await run(name, options, pathsOf(runtimeHome())), options)
    })
}

async function run(name: string, options: RepackageOptions, paths: Paths): Promise<Result> {
  const { repackage } = await import('../../../operations/make/repackage.ts')
  const { pluginsDirectory } = await import('../../../host/releases/plugins-directory.ts')
  const { shown } = await import('../../../config/secrets.ts')
  const { isKnownKey } = await import('../../../plugin/settings.ts')
  const plugins = pluginsDirectory(options.pluginsBaseDir, paths.plugins)
  const { written, moved } = await repackage({ name, plugins, directory: process.cwd() }, paths, process.env)
  const masked = moved.map((value): MovedValue => {
    const show = (text: string): string => shown(isKnownKey(value.section, value.key) ? '' : value.key, text)
    return { ...value, before: value.before === undefined ? undefined : show(value.before), after: show(value.after) }
  })
  const lines = masked.map(({ kind, section, key, before, after }) => {
    const from = before === undefined ? '' : `${oneLine(before)} → `
    return `${kind} [${section}] ${key}: ${from}${oneLine(after)}`
  })
  const { file, version, release, sha256, size } = written
  return {
    data: { name: written.name, version, release, file, sha256, size, moved: masked },
    text: [...lines, ...(lines.length === 0 ? ['Nothing is overridden.'] : []), `Written: ${file}`].join('\n'),
  }
}

function oneLine(text: string): string {
  return text === '' ? '(nothing)' : text.replaceAll('\n', ' ')
}
