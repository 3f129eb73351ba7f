import { askControl } from '../../../control/client.ts'
import type { PluginReport } from '../../../control/protocol.ts'
import { reportProblem } from '../../../control/report-problem.ts'
import { pluginTrouble, problemLines } from '../../../control/trouble-text.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import { isReleaseFile } from '../../../host/package/is-release-file.ts'
import type { Debugger } from '../../../host/plugins/debugger.ts'
import { type FoundPlugin, findPlugin } from '../../../host/plugins/find-plugin.ts'
import { identityOf, pluginsDirectory } from '../../../host/releases/plugins-directory.ts'
import { dangersOf, dangersText } from '../../../plugin/dangers.ts'
import { boundsText } from '../../../plugin/keys/scale-keys.ts'
import { Problems } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { box } from '../../table.ts'

interface InfoOptions {
  readonly justHome?: true
  readonly pluginsBaseDir?: string
}

export async function run([wanted]: readonly [string], options: InfoOptions): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  if (options.justHome !== true && isReleaseFile(wanted)) {
    const { infoOfFile } = await import('../../release-file-info.ts')
    return await infoOfFile(wanted, paths)
  }
  const found = findPlugin(
    wanted,
    pluginsDirectory(options.pluginsBaseDir, paths.plugins),
    readConfig(paths, readHardware(), process.env).variables,
    paths,
    process.env,
  )
  if (options.justHome === true) return { data: { home: found.home }, text: found.home }
  requirePlugin(found)
  const report = await reportOf(found, paths)
  const debuggers = await debuggersOf(found, paths)
  return { data: dataOf(found, report, debuggers), text: textOf(found, report, debuggers) }
}

/** Throws its problems for a directory that is no plugin, or may not be read: there are no facts of it. */
function requirePlugin({ plugin, mode, problems }: FoundPlugin): void {
  const isNone = problems.some(({ code }) => code === 'PLUGIN_DIRECTORY' || code === 'DISK')
  if (plugin === undefined && mode === 'directory' && isNone) throw new Problems(problems)
}

/** What the daemon says about it; undefined when none runs, or when it serves another directory under that name. */
async function reportOf({ name, home }: FoundPlugin, paths: Paths): Promise<PluginReport | undefined> {
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

function dataOf(found: FoundPlugin, report: PluginReport | undefined, debuggers: ReadonlyMap<string, Debugger>) {
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
    aside: report?.aside ?? null,
    served_at: report?.url || null,
    apps: (plugin?.apps ?? []).map(({ name, type, workers, scale }) => {
      const app = report?.apps.find((candidate) => candidate.name === name)
      const least = scale === undefined ? {} : { workers_least: scale.least }
      return {
        name,
        type,
        workers,
        ...least,
        url: app?.url || null,
        slots: app?.slots ?? null,
        debugger: debuggers.get(name) ?? null,
      }
    }),
    dangers: plugin === undefined ? [] : dangersOf(plugin),
    problems: report?.problems ?? found.problems.map(reportProblem),
  }
}

function identity({ name, mode, plugin }: FoundPlugin) {
  return { name, ...identityOf(mode, plugin) }
}

function textOf(found: FoundPlugin, report: PluginReport | undefined, debuggers: ReadonlyMap<string, Debugger>): string {
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
  return [...debuggers].flatMap(([app, { pin, url, attach }]) => [
    [`Debugger of ${app}`, pin === undefined ? (url ?? '') : `PIN ${pin}`],
    ...(attach === undefined ? [] : [[`debugpy of ${app}`, attach]]),
  ])
}

function appRows({ plugin }: FoundPlugin, report: PluginReport | undefined): readonly (readonly string[])[] {
  return (plugin?.apps ?? []).map(({ name, type, workers, scale }) => {
    const app = report?.apps.find((candidate) => candidate.name === name)
    const ready = app?.slots.filter(({ actual }) => actual === 'ready').length ?? 0
    const isAsleep = app?.slots.some(({ actual }) => actual === 'asleep') === true
    const wanted = scale === undefined ? workers : app?.slots.length
    const state = app === undefined || workers === 0 ? '' : isAsleep ? 'asleep' : `${ready} of ${wanted} ready`
    return [name, type, boundsText({ least: scale?.least ?? workers, most: workers }), state, app?.url ?? '']
  })
}
