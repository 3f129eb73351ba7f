import { type Level, levelText } from '../bounds/level.ts'
import { dateOf } from '../config/tls/pair.ts'
import { asideLines } from '../control/aside-text.ts'
import type { AppReport, CertificateReport, PluginReport, SlotReport, StatusReport } from '../control/protocol.ts'
import { isCutOff, NO_ROUTE, NO_WORKERS, type Reach, reachable } from '../control/reachable.ts'
import { problemLines, workerTrouble } from '../control/trouble-text.ts'
import { reasonText } from '../worker/reason.ts'
import { cronStatusLines } from './cron-text.ts'

/** What counts while the files of the configuration are not taken. */
export const LAST_GOOD = 'the last good configuration is in force, because of what is told below'

/** The state of everything, wanted and actual side by side, with the because. */
export function statusText(report: StatusReport): string {
  const { daemon, nginx } = report
  const reach = reachable(report)
  const lines = [
    `mfserv ${report.version} is ${report.status}${reach.is === 'served' ? ` at ${report.url}` : ''}`,
    ...(['DEGRADED', 'ERROR', 'DRAINING'].includes(report.status) ? report.because.map((why) => `  because  ${why}`) : []),
    `  daemon   ${daemonText(daemon)}`,
    `  nginx    ${reach.is === 'off' ? reach.because : nginx.state}${nginx.pid === null ? '' : `, pid ${nginx.pid}`}`,
    ...(report.certificates ?? []).map(certificateLine),
    ...(report.limits === undefined ? [] : limitsLines(report.limits)),
    ...sandboxLines(report.plugins),
    ...(report.configuration === 'last good' ? [`  config   ${LAST_GOOD}`] : []),
    ...problemLines(report.problems, '  '),
    ...(nginx.problem === undefined ? [] : problemLines([nginx.problem], '  ')),
  ]
  const ofPlugins = report.plugins.flatMap((plugin) => [
    ...pluginLines(plugin, reach),
    ...cronStatusLines(report.cron.filter((job) => job.plugin === plugin.name)),
  ])
  const tried = report.candidates.map(({ plugin, release, state }) => `${plugin}  release ${release} is tried: ${state}`)
  return [...lines, ...ofPlugins, ...(tried.length === 0 ? [] : ['', ...tried])].join('\n')
}

function limitsLines(level: Level): readonly string[] {
  const isBest = level.is === 'control groups' && level.without.length === 0
  return [`  limits   ${levelText(level)}`, ...(isBest ? [] : [`           ${level.fix}`])]
}

function certificateLine({ section, names, until, isAsWritten }: CertificateReport): string {
  const rest = isAsWritten ? '' : '; its files are not taken, because of what is told below'
  return `  tls      ${names.join(', ') || `[${section}]`}: until ${dateOf(until)}${rest}`
}

const MOST_NAMED = 5

/** The level of most plugins, and which have another one. */
function sandboxLines(plugins: readonly PluginReport[]): readonly string[] {
  const levels = Map.groupBy(
    plugins.filter(({ sandbox }) => sandbox !== undefined),
    ({ sandbox }) => sandbox,
  )
  const [most, ...others] = [...levels].toSorted(([, some], [, more]) => more.length - some.length)
  if (most === undefined) return []
  const named = others.map(([level, some]) => {
    const names = some.slice(0, MOST_NAMED).map(({ name }) => name)
    return `; ${level}: ${names.join(', ')}${some.length > MOST_NAMED ? ` and ${some.length - MOST_NAMED} more` : ''}`
  })
  return [`  sandbox  ${most[0]}${named.join('')}`]
}

function daemonText({ pid, service }: StatusReport['daemon']): string {
  if (pid === null) return 'does not run'
  return service === undefined ? `pid ${pid}` : `pid ${pid}, a service of ${service}`
}

/** One plugin with its apps, daemons and their workers. A URL that nobody reaches is not shown as one that serves. */
export function pluginLines(plugin: PluginReport, reach: Reach): readonly string[] {
  return [
    '',
    [plugin.name, ...wordsOf(plugin, reach)].join('  '),
    ...asideLines(plugin).map((line) => `  ${line}`),
    ...problemLines(plugin.problems, '  '),
    ...plugin.apps.flatMap((app) => [appLine(app, reach), ...app.slots.map(slotLine)]),
    ...plugin.daemons.flatMap((daemon) => [`  daemon ${daemon.name}`, ...daemon.slots.map(slotLine)]),
    ...(plugin.state === 'failing' ? workerTrouble(plugin) : []).map((line) => `  ${line}`),
  ]
}

function wordsOf({ state, url, apps }: PluginReport, reach: Reach): readonly string[] {
  if (!apps.some((app) => app.isServed && app.url !== '')) return [state]
  switch (reach.is) {
    case 'served':
      return [state, url]
    case 'off':
      return [state]
    case 'failed':
      return state === 'serving' && isCutOff(apps, reach)
        ? ['unreachable: its workers are well, nginx does not serve them', url]
        : [state, url]
    default:
      return reach satisfies never
  }
}

function appLine(app: AppReport, reach: Reach): string {
  const held = app.held === 0 ? '' : `  ${app.held} requests wait`
  return `  ${[app.name, app.type, placeOf(app, reach)].join('  ')}${held}`.trimEnd()
}

function placeOf({ isServed, socket, url }: AppReport, reach: Reach): string {
  if (!isServed) return NO_WORKERS
  if (reach.is === 'off') return socket ?? ''
  return url === '' ? NO_ROUTE : url
}

function slotLine(slot: SlotReport): string {
  if (slot.actual === 'asleep') return `    asleep  a worker starts at the next request`
  const pid = slot.pid === null ? '' : slot.actual === 'ready' ? `  pid ${slot.pid}` : `  the old version serves, pid ${slot.pid}`
  const restarts =
    slot.restarts === 0 ? '' : `  ${slot.restarts === 1 ? '1 restart' : `${slot.restarts} restarts`}${because(slot)}`
  const retry = slot.retryAt === null ? '' : `  next try ${clockTime(slot.retryAt)}`
  return `    slot ${slot.slot}  ${slot.actual}${pid}  generation ${slot.generation}${restarts}${retry}`
}

function because({ lastRestart }: SlotReport): string {
  if (lastRestart === undefined) return ''
  const reason = lastRestart.reason === undefined ? lastRestart.cause : reasonText(lastRestart.reason)
  return `, last at ${clockTime(lastRestart.at)}: ${reason}`
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}
