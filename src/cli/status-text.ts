import type { AppReport, PluginReport, SlotReport, StatusReport } from '../daemon/protocol.ts'
import { problemLines, workerTrouble } from '../daemon/trouble-text.ts'
import { reasonText } from '../worker/reason.ts'
import { cronStatusLines } from './cron-text.ts'
import { NO_WORKERS } from './served-text.ts'

/** The state of everything, wanted and actual side by side, with the because. */
export function statusText(report: StatusReport): string {
  const { daemon, nginx } = report
  const lines = [
    `mfserv ${report.version} is ${report.status}${report.url === undefined ? '' : ` at ${report.url}`}`,
    `  daemon   ${daemon.pid === null ? 'does not run' : `pid ${daemon.pid}`}`,
    `  nginx    ${nginx.state}${nginx.pid === null ? '' : `, pid ${nginx.pid}`}`,
    ...problemLines(report.problems, '  '),
    ...(nginx.problem === undefined ? [] : problemLines([nginx.problem], '  ')),
  ]
  const ofPlugins = report.plugins.flatMap((plugin) => [
    ...pluginLines(plugin),
    ...cronStatusLines(report.cron.filter((job) => job.plugin === plugin.name)),
  ])
  const tried = report.candidates.map(({ plugin, release, state }) => `${plugin}  release ${release} is tried: ${state}`)
  return [...lines, ...ofPlugins, ...(tried.length === 0 ? [] : ['', ...tried])].join('\n')
}

/** One plugin with its apps, daemons and their workers. */
export function pluginLines(plugin: PluginReport): readonly string[] {
  return [
    '',
    `${plugin.name}  ${plugin.state}${plugin.apps.some(({ isServed }) => isServed) ? `  ${plugin.url}` : ''}`,
    ...stoppedLines(plugin),
    ...problemLines(plugin.problems, '  '),
    ...plugin.apps.flatMap((app) => [appLine(app), ...app.slots.map(slotLine)]),
    ...plugin.daemons.flatMap((daemon) => [`  daemon ${daemon.name}`, ...daemon.slots.map(slotLine)]),
    ...(plugin.state === 'failing' ? workerTrouble(plugin) : []).map((line) => `  ${line}`),
  ]
}

function stoppedLines({ name, state, leaving }: PluginReport): readonly string[] {
  if (state !== 'stopped') return []
  const rest = leaving === 0 ? '' : `; ${leaving === 1 ? 'one worker ends' : `${leaving} workers end`} now`
  return [`  wanted down, by plugins.stop${rest}. To have it back: plugins.start ${name}`]
}

function appLine(app: AppReport): string {
  const held = app.held === 0 ? '' : `  ${app.held} requests wait for a worker`
  return `  ${app.name}  ${app.type}  ${app.isServed ? app.url : NO_WORKERS}${held}`
}

function slotLine(slot: SlotReport): string {
  const pid =
    slot.pid === null ? '' : slot.actual === 'ready' ? `  pid ${slot.pid}` : `  the version before serves, pid ${slot.pid}`
  const restarts = slot.restarts === 0 ? '' : `  ${slot.restarts} restarts${because(slot)}`
  const retry = slot.retryAt === null ? '' : `  next try ${clockTime(slot.retryAt)}`
  return `    slot ${slot.slot}  wanted ${slot.wanted}, ${slot.actual}${pid}  generation ${slot.generation}${restarts}${retry}`
}

function because({ lastRestart }: SlotReport): string {
  if (lastRestart === undefined) return ''
  const reason = lastRestart.reason === undefined ? lastRestart.cause : reasonText(lastRestart.reason)
  return `, last at ${clockTime(lastRestart.at)}: ${reason}`
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}
