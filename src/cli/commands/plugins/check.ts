import type { Command } from 'commander'
import type { Paths } from '../../../host/home/paths.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface CheckOptions extends OutputOptions {
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('check')
    .description('Check the files of a plugin, with the overrides for it: every problem at once.')
    .argument('<PATH>', 'the directory of a plugin, or the name of an installed one')
    .option('--plugins-base-dir <directory>', 'look for the name in this directory')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      const options = command.optsWithGlobals<CheckOptions>()
      print(await check(wanted, options, pathsOf(runtimeHome())), options)
    })
}

async function check(wanted: string, options: CheckOptions, paths: Paths): Promise<Result> {
  const { checkPlugin } = await import('../../../operations/check/check-plugin.ts')
  const { dangersOf, dangersText } = await import('../../../plugin/dangers.ts')
  const { formatProblem, isError } = await import('../../../problem.ts')
  const { reportProblem } = await import('../../../control/report-problem.ts')
  const { fragmentProblems } = await import('../../../operations/check/prove-fragments.ts')
  const { readConfig } = await import('../../../host/module/read-config.ts')
  const { readHardware } = await import('../../../host/module/hardware.ts')
  const { name, home, plugin, problems: ofFiles } = checkPlugin(wanted, options.pluginsBaseDir, paths, process.env)
  const read = readConfig(paths, readHardware(), process.env)
  const problems = [...ofFiles, ...(plugin === undefined ? [] : await fragmentProblems(plugin, read, paths, process.env))]
  const isRight = plugin !== undefined && !problems.some(isError)
  const dangers = plugin === undefined ? [] : dangersOf(plugin)
  const text = [...problems.map(formatProblem), ...dangersText(name, dangers), `${name}: ${isRight ? 'OK' : 'ERROR'}`]
  const data = { name, home, ok: isRight, problems: problems.map(reportProblem), dangers }
  return { data, text: text.join('\n'), exitCode: isRight ? 0 : 1 }
}
