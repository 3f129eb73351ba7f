import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { buildPlugin } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { needsOfNode } from '../../host/environments/node/node-wishes.ts'
import { needsOfPython } from '../../host/environments/python/wanted-python.ts'
import { vendorPlugin } from '../../host/environments/vendor.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { readSigningKey } from '../../host/package/key-files.ts'
import type { SigningKey } from '../../host/package/keys.ts'
import { sourceDate } from '../../host/package/source-date.ts'
import { type WrittenPackage, writePackage } from '../../host/package/write-package.ts'
import { readSources } from '../../host/plugins/read-plugin.ts'
import type { Report } from '../../host/process/run-tool.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { formatProblem, isError, Problem, Problems } from '../../problem.ts'
import { runBuild } from './build-command.ts'
import { neededFiles, packedProblems } from './needed-files.ts'

export interface ReleaseWishes {
  /** The name of a key, or the path of its file. */
  readonly sign?: string
  /** Where the file goes; into the plugin's own directory when absent. */
  readonly directory?: string
}

/** Where a release is made, and who hears of it. */
export interface ReleasePlace {
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  readonly report: Report
}

/**
 * Makes the release file of the plugin at `home`: checks it, builds what is out of date, fetches the packages it needs, and
 * packs all of it. Throws Problems: everything that is wrong with the plugin and with the wishes at once, before anything
 * is built.
 */
export async function releasePlugin(home: string, wishes: ReleaseWishes, place: ReleasePlace): Promise<WrittenPackage> {
  const { paths, env, report } = place
  const { plugin, problems } = check(home, place)
  const time = sourceDate(env, problems)
  const directory = directoryOf(wishes.directory, problems)
  const sign = keyOf(wishes.sign, paths, problems)
  if (plugin === undefined || problems.length > 0) throw new Problems(problems)
  const tools = buildTools(paths, env, report)
  await buildPlugin(home, tools, report)
  await runBuild(plugin, paths, env, report)
  await vendorPlugin(home, tools, time, report)
  report('Packing')
  const { variables } = readModule(paths, env)
  const problemsWith = (isIn: (path: string) => boolean): readonly Problem[] => packedProblems(home, variables, isIn)
  return writePackage(home, {
    plugin,
    time,
    needs: { ...needsOfPython(home), ...needsOfNode(home) },
    sources: { ...neededFiles(plugin, variables), report, problemsWith },
    ...(directory === undefined ? {} : { directory }),
    ...(sign === undefined ? {} : { sign }),
  })
}

/** What only postinstall makes may be missing: it runs at the installation. Warnings are reported. */
function check(home: string, { paths, env, report }: ReleasePlace): { readonly plugin?: Plugin; readonly problems: Problem[] } {
  const { plugin, problems } = readSources(home, readModule(paths, env).variables)
  for (const warning of problems.filter((problem) => !isError(problem))) report(formatProblem(warning))
  return { ...(plugin === undefined ? {} : { plugin }), problems: problems.filter(isError) }
}

function directoryOf(written: string | undefined, problems: Problem[]): string | undefined {
  if (written === undefined) return undefined
  const directory = resolve(written)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    problems.push(new Problem('USAGE', `${directory} is not a directory`, 'Give --output-directory one that is there.'))
  }
  return directory
}

function keyOf(wanted: string | undefined, paths: Paths, problems: Problem[]): SigningKey | undefined {
  if (wanted === undefined) return undefined
  try {
    return readSigningKey(paths, wanted)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    problems.push(error)
    return undefined
  }
}
