import type { Command } from 'commander'
import type { PluginReport } from '../../../control/protocol.ts'
import type { Paths } from '../../../host/home/paths.ts'
import type { Debugger } from '../../../host/plugins/debugger.ts'
import type { FoundPlugin } from '../../../host/plugins/find-plugin.ts'
import type { OutputOptions, Result } from '../../output.ts'

interface InfoOptions extends OutputOptions {
  readonly justHome?: true
  readonly pluginsBaseDir?: string
}

export function register(plugins: Command): void {
  plugins
    .command('info')
    .description('Show one plugin: its facts, apps and problems.')
    .argument('<NAME_OR_PATH>', 'the name of an installed plugin, a .plugin file, or a directory written with a slash or a dot')
    .option('--just-home', 'print its directory and nothing else')
    .option('--plugins-base-dir <directory>', 'look for the name in this directory')
    .action(async (wanted: string, _options, command: Command) => {
      const { print } = await import('../../output.ts')
      const { pathsOf, runtimeHome } = await import('../../../host/home/paths.ts')
      const options = command.optsWithGlobals<InfoOptions>()
      print(await info(wanted, options, pathsOf(runtimeHome())), options)
    })
}

async function info(wanted: string, options: InfoOptions, paths: Paths): Promise<Result> {
  const { isReleaseFile } = await import('../../../host/package/read-package.ts')
  if (options.justHome !== true && isReleaseFile(wanted)) return await infoOfFile(wanted, paths)
  const { findPlugin } = await import('../../../host/plugins/find-plugin.ts')
  const { pluginsDirectory } = await import('../../../host/releases/plugins-directory.ts')
  const { readModule } = await import('../../../host/module/module-environment.ts')
  const found = findPlugin(
    wanted,
    pluginsDirectory(options.pluginsBaseDir, paths.plugins),
    readModule(paths, process.env).variables,
    paths,
    process.env,
  )
  if (options.justHome === true) return { data: { home: found.home }, text: found.home }
  await requirePlugin(found)
  const report = await reportOf(found, paths)
  const debuggers = await debuggersOf(found, paths)
  return { data: await dataOf(found, report, debuggers), text: await textOf(found, report, debuggers) }
}

/** Throws its problems for a directory that is no plugin, or may not be read: there are no facts of it. */
async function requirePlugin({ plugin, mode, problems }: FoundPlugin): Promise<void> {
  const { Problems } = await import('../../../problem.ts')
  const isNone = problems.some(({ code }) => code === 'PLUGIN_DIRECTORY' || code === 'DISK')
  if (plugin === undefined && mode === 'directory' && isNone) throw new Problems(problems)
}

/** Of a .plugin file, whether its plugin is installed or not. */
async function infoOfFile(file: string, paths: Paths): Promise<Result> {
  const { readPackageFacts } = await import('../../../host/package/read-package.ts')
  const { readTrust } = await import('../../../host/package/trust-here.ts')
  const { hashOfMetadata } = await import('../../../host/package/content-hash.ts')
  const { releaseFileText } = await import('../../release-file-text.ts')
  const { reportProblem } = await import('../../../control/report-problem.ts')
  const { formatProblem } = await import('../../../problem.ts')
  const trust = readTrust(paths, process.env)
  const facts = await readPackageFacts(file, trust)
  const data = { ...facts, hash: hashOfMetadata(facts.metadata), problems: trust.problems.map(reportProblem) }
  return { data, text: [releaseFileText(facts), ...trust.problems.map(formatProblem)].join('\n') }
}

/** What the daemon says about it; undefined when none runs, or when it serves another directory under that name. */
async function reportOf({ name, home }: FoundPlugin, paths: Paths): Promise<PluginReport | undefined> {
  const { askControl } = await import('../../../control/client.ts')
  const report = await askControl(paths.control, 'GET /status')
  return report?.plugins.find((plugin) => plugin.name === name && plugin.home === home)
}

/** How to debug the apps with debug=1, by name of the app. */
async function debuggersOf({ name, plugin }: FoundPlugin, paths: Paths): Promise<ReadonlyMap<string, Debugger>> {
  const debugged = (plugin?.apps ?? []).filter(({ debug }) => debug)
  if (debugged.length === 0) return new Map()
  const { debuggerOf } = await import('../../../host/plugins/debugger.ts')
  const found = debugged.map((app) => [app.name, debuggerOf(name, app, paths)] as const)
  return new Map(found.flatMap(([app, how]) => (how === undefined ? [] : [[app, how]])))
}

async function dataOf(found: FoundPlugin, report: PluginReport | undefined, debuggers: ReadonlyMap<string, Debugger>) {
  const { reportProblem } = await import('../../../control/report-problem.ts')
  const { dangersOf } = await import('../../../plugin/dangers.ts')
  const { plugin } = found
  return {
    ...identity(found),
    home: found.home,
    mode: found.mode,
    summary: plugin?.summary ?? null,
    license: plugin?.license ?? null,
    maintainer: plugin?.maintainer ?? null,
    vendor: plugin?.vendor ?? null,
    url: plugin?.url ?? null,
    state: report?.state ?? null,
    served_at: report?.url ?? null,
    apps: (plugin?.apps ?? []).map(({ name, type, workers }) => {
      const app = report?.apps.find((candidate) => candidate.name === name)
      return { name, type, workers, url: app?.url ?? null, slots: app?.slots ?? null, debugger: debuggers.get(name) ?? null }
    }),
    dangers: plugin === undefined ? [] : dangersOf(plugin),
    problems: report?.problems ?? found.problems.map(reportProblem),
  }
}

function identity({ name, mode, plugin }: FoundPlugin) {
  if (plugin === undefined) return { name, version: 'error', release: 'error' }
  return mode === 'dev_link'
    ? { name, version: 'dev_link', release: 'dev_link' }
    : { name, version: plugin.version, release: plugin.release }
}

async function textOf(
  found: FoundPlugin,
  report: PluginReport | undefined,
  debuggers: ReadonlyMap<string, Debugger>,
): Promise<string> {
  const { pluginTrouble, problemLines } = await import('../../../control/trouble-text.ts')
  const { reportProblem } = await import('../../../control/report-problem.ts')
  const { box } = await import('../../table.ts')
  const { dangersOf, dangersText } = await import('../../../plugin/dangers.ts')
  const { name, plugin } = found
  const apps = appRows(found, report)
  const head = ['Name', 'Type', 'Workers', 'State', 'URL']
  const trouble = report === undefined ? problemLines(found.problems.map(reportProblem), '') : pluginTrouble(report)
  return [
    box({ title: 'Plugin', rows: [...factRows(found, report), ...debuggerRows(debuggers)] }),
    ...(apps.length === 0 ? [] : [box({ title: `Apps (${apps.length})`, head, rows: apps })]),
    ...(plugin === undefined ? [] : dangersText(name, dangersOf(plugin))),
    ...trouble,
  ].join('\n')
}

function factRows(found: FoundPlugin, report: PluginReport | undefined): readonly (readonly string[])[] {
  const { plugin, home } = found
  const { name, version, release } = identity(found)
  return [
    ['Name', name],
    ['Version', version],
    ['Release', release],
    ['Summary', plugin?.summary ?? ''],
    ['License', plugin?.license ?? ''],
    ['Maintainer', plugin?.maintainer ?? ''],
    ['Vendor', plugin?.vendor ?? ''],
    ['URL', plugin?.url ?? ''],
    ['Home', home],
    ['State', report?.state ?? 'not served'],
    ['Served at', report?.url ?? ''],
  ].filter(([, value]) => value !== '')
}

function debuggerRows(debuggers: ReadonlyMap<string, Debugger>): readonly (readonly string[])[] {
  return [...debuggers].map(([app, { pin, url }]) => [`Debugger of ${app}`, pin === undefined ? (url ?? '') : `PIN ${pin}`])
}

function appRows({ plugin }: FoundPlugin, report: PluginReport | undefined): readonly (readonly string[])[] {
  return (plugin?.apps ?? []).map(({ name, type, workers }) => {
    const app = report?.apps.find((candidate) => candidate.name === name)
    const ready = app?.slots.filter(({ actual }) => actual === 'ready').length ?? 0
    const state = app === undefined || workers === 0 ? '' : `${ready} of ${workers} ready`
    return [name, type, String(workers), state, app?.url ?? '']
  })
}
