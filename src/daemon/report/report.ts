import type { AppReport, DaemonReport, PluginReport, SlotReport } from '../../control/protocol.ts'
import { reportProblem } from '../../control/report-problem.ts'
import { isServed } from '../../desired/claims/wanted.ts'
import type { AppRoutes, DesiredApp, DesiredState } from '../../desired/desired.ts'
import type { SlotId } from '../../desired/ids.ts'
import { sleeps } from '../../desired/scale/scale.ts'
import { appId, slotsOf } from '../../desired/slot.ts'
import type { PluginOnDisk } from '../../host/plugins/installed.ts'
import { identityOf } from '../../host/releases/plugins-directory.ts'
import type { ObservedState, ObservedWorker, WorkerId } from '../../plan/observed.ts'
import type { App, ExtraDaemon } from '../../plugin/plugin.ts'
import { isError, KEEPS_A_PLUGIN_OUT, type Problem } from '../../problem.ts'
import type { Millis } from '../../time.ts'
import type { SlotHistory } from '../../worker/history.ts'
import { KeptEach } from './kept.ts'
import { servedUrls } from './served-urls.ts'

export interface ReportInput {
  readonly baseUrl: string | undefined
  readonly disk: readonly PluginOnDisk[]
  readonly desired: DesiredState
  readonly observed: ObservedState
  readonly quarantined: ReadonlyMap<string, Problem>
  /** Plugins whose present nginx fragments are refused, and are served with older ones. */
  readonly withKeptFragments: ReadonlyMap<string, Problem>
  /** Plugins that have more on the disk than they may. */
  readonly overQuota: ReadonlyMap<string, Problem>
  /** Whether nginx is about to serve a plugin that it does not serve yet. */
  readonly isComing: (plugin: string) => boolean
  readonly held: (plugin: string, app: string) => number
  readonly history: (slot: SlotId) => SlotHistory
  /** The path of a slot's link. */
  readonly linkOf: (slot: SlotId) => string
  /** What people call a moment in the life of a worker. */
  readonly onTheClock: (steady: Millis) => Millis
}

/** Every installed plugin with what is wanted of it and what is, side by side. `kept`: the reports of before. */
export function reportPlugins(input: ReportInput, kept = new KeptEach<PluginReport>()): readonly PluginReport[] {
  const routes = new Map(input.desired.routes.plugins.map(({ plugin, apps }) => [plugin, apps]))
  const grouped = { ...input, ...groupedWorkers(input.observed.workers), routes }
  kept.keepOnly(new Set(input.disk.map(({ name }) => name)))
  return input.disk.map((plugin) => kept.of(plugin.name, readFor(plugin, grouped), () => reportPlugin(plugin, grouped)))
}

/** Everything that the report of one plugin is made from: among a thousand of them mostly one has changed. */
function readFor(disk: PluginOnDisk, input: Grouped): readonly unknown[] {
  const { name, installed } = disk
  const { desired, observed, history } = input
  const slots = (app: string): readonly unknown[] => {
    const wanted = desired.apps.get(appId(name, app))
    const own = wanted === undefined ? [] : slotsOf(wanted.id, Math.max(1, wanted.slots))
    return [wanted, ...own.flatMap((slot) => [observed.links.get(slot), history(slot)])]
  }
  return [
    disk,
    input.baseUrl,
    input.routes.get(name),
    input.quarantined.get(name),
    input.withKeptFragments.get(name),
    input.overQuota.get(name),
    input.isComing(name),
    input.onTheClock(SOME_MOMENT),
    desired.problems.get(name),
    desired.stopped.has(name),
    desired.asides.get(name),
    ...(input.byPlugin.get(name) ?? []),
    ...(installed?.plugin.apps ?? []).flatMap((app) => [input.held(name, app.name), ...slots(app.name)]),
    ...(installed?.plugin.daemons ?? []).flatMap((daemon) => slots(`@${daemon.name}`)),
  ]
}

/** Another one on the clock when the clock was set. */
export const SOME_MOMENT = 0 as Millis

/** The workers by what is asked of them, so that a report takes as long as there are workers, and not their square. */
interface Grouped extends ReportInput {
  readonly byPlugin: ReadonlyMap<string, readonly ObservedWorker[]>
  readonly bySlot: ReadonlyMap<SlotId, readonly ObservedWorker[]>
  readonly byId: ReadonlyMap<WorkerId, ObservedWorker>
  /** Of the apps of each plugin. */
  readonly routes: ReadonlyMap<string, readonly AppRoutes[]>
}

function groupedWorkers(workers: readonly ObservedWorker[]): Pick<Grouped, 'byPlugin' | 'bySlot' | 'byId'> {
  return {
    byPlugin: Map.groupBy(workers, ({ app }) => app.slice(0, app.indexOf('/'))),
    bySlot: Map.groupBy(workers, ({ slot }) => slot),
    byId: new Map(workers.map((worker) => [worker.id, worker])),
  }
}

function reportPlugin(disk: PluginOnDisk, input: Grouped): PluginReport {
  const { name, home, mode, installed } = disk
  const quarantine = input.quarantined.get(name)
  const kept = input.withKeptFragments.get(name)
  const problems = [
    ...disk.problems,
    ...(input.desired.problems.get(name) ?? []),
    ...[quarantine, kept, input.overQuota.get(name)].filter((problem) => problem !== undefined),
  ]
  const apps = (installed?.plugin.apps ?? []).map((app) => reportApp(name, app, input, hasIndex(app, disk.problems)))
  const daemons = (installed?.plugin.daemons ?? []).map((daemon) => reportDaemon(name, daemon, input))
  const isStopped = input.desired.stopped.has(name)
  return {
    name,
    ...identityOf(mode, installed?.plugin),
    summary: installed?.plugin.summary ?? '',
    home,
    url: urlOf(apps),
    state: isStopped ? 'stopped' : stateOf(disk, problems, quarantine, [...apps, ...daemons], input.isComing(name)),
    aside: input.desired.asides.get(name) ?? [],
    ...sandboxOf(name, [...apps, ...daemons.map((daemon) => ({ name: `@${daemon.name}` }))], input.desired),
    apps,
    daemons,
    leaving: (input.byPlugin.get(name) ?? []).filter(isLeaving).length,
    problems: problems.map(reportProblem),
  }
}

/** The processes of a plugin have it in common. */
function sandboxOf(
  plugin: string,
  parts: readonly { readonly name: string }[],
  { apps }: DesiredState,
): Pick<PluginReport, 'sandbox'> {
  const specs = parts.flatMap((part) => apps.get(appId(plugin, part.name))?.spec ?? [])
  if (specs.length === 0) return {}
  const sandbox = specs.map((spec) => spec.sandbox).find((one) => one !== undefined)
  return { sandbox: sandbox?.is === 'in force' ? sandbox.level : 'off' }
}

/** Of the main app, or of the first that has one; empty where none has. */
function urlOf(apps: readonly AppReport[]): string {
  const ofMain = apps.find((app) => app.name === 'main' && app.url !== '')
  return (ofMain ?? apps.find(({ url }) => url !== ''))?.url ?? ''
}

function isLeaving({ state }: ObservedWorker): boolean {
  return state.is === 'draining' || state.is === 'stopping' || state.is === 'killed'
}

function stateOf(
  { installed, problems: ofFiles }: PluginOnDisk,
  problems: readonly Problem[],
  quarantine: Problem | undefined,
  parts: readonly { readonly slots: readonly SlotReport[] }[],
  isComing: boolean,
): PluginReport['state'] {
  const slots = parts.flatMap((part) => part.slots)
  if (quarantine !== undefined) return 'quarantined'
  if (installed === undefined || ofFiles.some(isError) || problems.some(({ code }) => KEEPS_A_PLUGIN_OUT.has(code)))
    return 'refused'
  if (slots.some(isFailing)) return 'failing'
  return slots.every(({ actual }) => actual === 'ready' || actual === 'asleep') && !isComing ? 'serving' : 'starting'
}

/** A process that ended is started again at once; only when that did not help either, its plugin is not on its way any more. */
function isFailing({ actual, failures, lastRestart }: SlotReport): boolean {
  return actual !== 'ready' && (failures > 1 || (failures === 1 && !ENDED.has(lastRestart?.reason?.kind)))
}

const ENDED: ReadonlySet<string | undefined> = new Set(['exited', 'over-limit'])

/** Whoever lacks the script of its directory is told so where its section begins. */
function hasIndex({ where }: App, problems: readonly Problem[]): boolean {
  return !problems.some(
    (problem) => problem.code === 'NOT_SERVED' && problem.where?.line === where.line && problem.where?.file === where.file,
  )
}

function reportApp(plugin: string, app: App, input: Grouped, isWithIndex: boolean): AppReport {
  const id = appId(plugin, app.name)
  const routes = input.routes.get(plugin)?.find((one) => one.app === app.name)
  const urls = servedUrls(input.baseUrl ?? '', plugin, routes, isWithIndex)
  const desired = input.desired.apps.get(id)
  const slots = desired === undefined ? [] : slotsOf(id, sleeps(desired) ? 1 : desired.slots)
  const isAsleep = desired !== undefined && sleeps(desired)
  const scale = desired?.scale
  return {
    name: app.name,
    ...app.where,
    entryLine: app.lines?.entry,
    type: app.type,
    url: urls[0]?.url ?? '',
    urls,
    isServed: isServed(app),
    held: input.held(plugin, app.name),
    socket: slots[0] === undefined || isAsleep ? undefined : input.linkOf(slots[0]),
    ...(scale === undefined ? {} : { scale: { least: scale.least, most: scale.most } }),
    slots: slots.map((slot, index) => {
      const report = reportSlot(slot, index + 1, desired, input)
      return isAsleep ? { ...report, ...ASLEEP } : report
    }),
  }
}

/** What is left of the workers before only ends. */
const ASLEEP = { actual: 'asleep', pid: null, failures: 0, since: null, retryAt: null } as const

function reportDaemon(plugin: string, { name, where, lines }: ExtraDaemon, input: Grouped): DaemonReport {
  const id = appId(plugin, `@${name}`)
  const desired = input.desired.apps.get(id)
  return {
    name,
    ...where,
    entryLine: lines?.entry,
    slots: slotsOf(id, desired?.slots ?? 0).map((slot, index) => reportSlot(slot, index + 1, desired, input)),
  }
}

function reportSlot(slot: SlotId, number: number, desired: DesiredApp | undefined, input: Grouped): SlotReport {
  const link = input.observed.links.get(slot)
  const pointed = link === undefined ? undefined : input.byId.get(link)
  const here = [...(input.bySlot.get(slot) ?? [])].sort((one, other) => other.generation - one.generation)
  const wanted = here.filter(({ hash }) => hash === desired?.spec.hash)
  // A ready worker whose successor is only being started, or fails, is what the slot has.
  const actual = wanted.find(({ state }) => state.is === 'ready') ?? wanted[0]
  const serving =
    desired?.kind === 'daemon' ? here.find(isReady) : pointed !== undefined && isReady(pointed) ? pointed : undefined
  const since = serving?.state.is === 'ready' ? serving.state : undefined
  const waiting = wanted.find(({ state }) => state.is === 'failed')?.state
  const history = input.history(slot)
  return {
    slot: number,
    actual: actualOf(actual),
    pid: since?.process.pid ?? null,
    generation: (serving ?? actual)?.generation ?? 0,
    restarts: history.restarts,
    restartsBy: history.by ?? {},
    failures: failuresOf(wanted[0]),
    since: since === undefined ? null : input.onTheClock(since.since),
    lastRestart: history.lastRestart,
    retryAt: waiting?.is === 'failed' ? input.onTheClock(waiting.retryAt) : null,
  }
}

function failuresOf(newest: ObservedWorker | undefined): number {
  return newest?.state.is === 'starting' || newest?.state.is === 'failed' ? newest.state.failures : 0
}

function isReady({ state }: ObservedWorker): boolean {
  return state.is === 'ready'
}

function actualOf(worker: ObservedWorker | undefined): SlotReport['actual'] {
  if (worker === undefined || worker.state.is === 'gone') return 'absent'
  return worker.state.is === 'killed' ? 'stopping' : worker.state.is
}
