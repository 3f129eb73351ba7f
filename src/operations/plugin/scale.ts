import { lstatSync, realpathSync } from 'node:fs'
import { withKey } from '../../config/edit/set-key.ts'
import { didYouMean } from '../../config/nearest.ts'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport, StatusReport } from '../../control/protocol.ts'
import { untilEnded } from '../../control/until-ended.ts'
import { writeAtomically } from '../../host/disk/atomic.ts'
import { writeProblem } from '../../host/disk/disk-problem.ts'
import { readText } from '../../host/disk/read-text.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { readOverrides, userOverrideFile } from '../../host/plugins/override-files.ts'
import { readEntry, readWithOverrides } from '../../host/plugins/plugin-entry.ts'
import { nameIn } from '../../plugin/key.ts'
import { boundsText, type WorkerBounds } from '../../plugin/keys/scale-keys.ts'
import { APP_KEYS } from '../../plugin/keys.ts'
import type { App, Plugin } from '../../plugin/plugin.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'

export interface Scaled {
  readonly app: string
  readonly from: WorkerBounds
  readonly to: WorkerBounds
  /** The override that says so from now on. */
  readonly file: string
  /** Once every worker is there, or it is settled that one is not; undefined when no daemon runs. */
  readonly report: PluginReport | undefined
}

/** As a person wrote it. */
export interface Scale {
  readonly plugin: string
  /** Undefined where the plugin has one app alone. */
  readonly app: string | undefined
  readonly workers: string
}

/**
 * Gives an app another number of workers, as an override that stays. Those that stay are not replaced. Throws every problem;
 * nothing has changed then. Needs the plugin lock.
 */
export async function scaleApp(wanted: Scale, paths: Paths, env: NodeJS.ProcessEnv): Promise<Scaled> {
  const { variables } = readModule(paths, env)
  const { plugin, problems } = readWithOverrides(wanted.plugin, variables, paths, env)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
  const app = appOf(plugin, wanted.app)
  const to = boundsOf(wanted.workers)
  const file = userOverrideFile(plugin.name, paths)
  const unread: Problem[] = []
  const text = readText(file, unread) ?? ''
  if (unread.length > 0) throw new Problems(unread)
  const place = { section: `app_${app.name}`, key: nameIn(plugin.dialect, APP_KEYS.workers) ?? 'workers' }
  const changed = withKey(text, place, boundsText(to))
  if (changed === undefined) throw unwritten(file, place)
  const then = readEntry(paths.plugins, plugin.name, variables, readOverrides(plugin.name, paths, env, changed))
  const found = then.problems.filter(isError)
  if (then.plugin === undefined) throw new Problems(found)
  const counts = then.plugin.apps.find(({ name }) => name === app.name)
  if (counts === undefined || !isWithin(counts, to)) throw outvoted(file, place)
  write(file, changed)
  const from = { least: app.scale?.least ?? app.workers, most: app.workers }
  return { app: app.name, from, to, file, report: await settled(plugin.name, app.name, to, paths) }
}

function appOf(plugin: Plugin, name: string | undefined): App {
  const apps = plugin.apps.filter(({ type }) => RUNTIMES[type].serves === 'requests')
  const names = apps.map((app) => app.name)
  const all = names.length === 0 ? `${plugin.name} has no app with workers.` : `It has ${names.join(', ')}.`
  if (name === undefined) {
    const [only] = apps
    if (only !== undefined && apps.length === 1) return only
    throw new Problem('USAGE', `${plugin.name} has ${apps.length} apps with workers, and none was named`, `Name one. ${all}`)
  }
  const named = apps.find((app) => app.name === name)
  if (named !== undefined) return named
  const isThere = plugin.apps.some((app) => app.name === name)
  const message = isThere ? `the app ${name} of ${plugin.name} has no workers` : `${plugin.name} has no app "${name}"`
  throw new Problem('USAGE', message, `${didYouMean(name, names)}${all}`)
}

function boundsOf(text: string): WorkerBounds {
  const read = APP_KEYS.workers.read(text)
  if ('value' in read) return read.value
  throw new Problem('USAGE', `the number of workers is "${text}"`, `Write ${read.expected}.`)
}

/** An app in the debugger has fewer than it was given. */
function isWithin({ workers, scale, debug }: App, { least, most }: WorkerBounds): boolean {
  return debug ? workers === Math.min(1, most) : workers === most && (scale?.least ?? workers) === least
}

interface Place {
  readonly section: string
  readonly key: string
}

function unwritten(file: string, { section, key }: Place): Problem {
  const fix = `Write it yourself: ${key} = …, below [${section}] in ${file}.`
  return new Problem('USAGE', `${key} of [${section}] cannot be set in ${file}`, fix, { file })
}

/** A file of the site directory, or a variant of the key, has the last word. */
function outvoted(file: string, { section, key }: Place): Problem {
  const fix = `Change it there. Which file it is: mfserv config show NAME.`
  return new Problem('USAGE', `another line has the last word on ${key} of [${section}], so ${file} would not count`, fix, {
    file,
  })
}

function write(file: string, text: string): void {
  try {
    // Of a link what it leads to is replaced, and not the link.
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
    writeAtomically(isLink ? realpathSync(file) : file, text)
  } catch (error) {
    const fix = 'Give the user of mfserv the right to write it, and make room on its disk.'
    throw writeProblem(error, { what: `${file} could not be written`, fix, file })
  }
}

async function settled(
  name: string,
  app: string,
  { least, most }: WorkerBounds,
  paths: Paths,
): Promise<PluginReport | undefined> {
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return undefined
  const find = (report: StatusReport | undefined) => report?.plugins.find((one) => one.name === name)
  const isThere = (slots: readonly unknown[] = []): boolean =>
    slots.length >= Math.min(most, Math.max(1, least)) && slots.length <= most
  const isSettled = (report: StatusReport): boolean => {
    const plugin = find(report)
    const slots = plugin?.apps.find((one) => one.name === app)?.slots
    return plugin === undefined || (plugin.state !== 'starting' && (isThere(slots) || plugin.state === 'stopped'))
  }
  await untilReport(paths, isSettled, ofPlugin(name))
  await untilEnded(name, paths)
  return find(await askControl(paths.control, 'GET /status'))
}
