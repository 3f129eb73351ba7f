import type { AppReport, PluginReport, ProblemReport, SlotReport, StatusReport } from '../daemon/protocol.ts'
import { reasonText } from '../worker/reason.ts'
import { cronStatusLines } from './cron-text.ts'

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
  return [...lines, ...ofPlugins].join('\n')
}

/** Why a plugin is not served as it should be: its problems, the failing workers, their last output. */
export function pluginTrouble(plugin: PluginReport): readonly string[] {
  return [...problemLines(plugin.problems, ''), ...workerTrouble(plugin)]
}

function workerTrouble({ apps, daemons }: PluginReport): readonly string[] {
  return [
    ...apps.flatMap(({ name, slots }) => slotTrouble(`app ${name}`, slots)),
    ...daemons.flatMap(({ name, slots }) => slotTrouble(`daemon ${name}`, slots)),
  ]
}

function pluginLines(plugin: PluginReport): readonly string[] {
  return [
    '',
    `${plugin.name}  ${plugin.state}  ${plugin.url}`,
    ...problemLines(plugin.problems, '  '),
    ...plugin.apps.flatMap((app) => [appLine(app), ...app.slots.map(slotLine)]),
    ...plugin.daemons.flatMap((daemon) => [`  daemon ${daemon.name}`, ...daemon.slots.map(slotLine)]),
    ...(plugin.state === 'failing' ? workerTrouble(plugin) : []).map((line) => `  ${line}`),
  ]
}

function appLine(app: AppReport): string {
  const held = app.held === 0 ? '' : `  ${app.held} requests wait for a worker`
  return `  ${app.name}  ${app.type}  ${app.url}${held}`
}

function slotLine(slot: SlotReport): string {
  const pid = slot.pid === null ? '' : `  pid ${slot.pid}`
  const restarts = slot.restarts === 0 ? '' : `  ${slot.restarts} restarts${because(slot)}`
  const retry = slot.retryAt === null ? '' : `  next try ${clockTime(slot.retryAt)}`
  return `    slot ${slot.slot}  wanted ${slot.wanted}, ${slot.actual}${pid}  generation ${slot.generation}${restarts}${retry}`
}

function because({ lastRestart }: SlotReport): string {
  if (lastRestart === undefined) return ''
  const reason = lastRestart.reason === undefined ? lastRestart.cause : reasonText(lastRestart.reason)
  return `, last at ${clockTime(lastRestart.at)}: ${reason}`
}

function slotTrouble(owner: string, slots: readonly SlotReport[]): readonly string[] {
  const slot = slots.find(({ failures }) => failures > 0)
  const last = slot?.lastRestart
  if (last?.reason === undefined) return []
  const output =
    last.output === '' ? ['  It wrote nothing.'] : ['  Its last output:', ...last.output.split('\n').map((line) => `    ${line}`)]
  return [`a worker of ${owner} failed: ${reasonText(last.reason)}  (WORKER_FAILED)`, ...output]
}

export function problemLines(problems: readonly ProblemReport[], indent: string): readonly string[] {
  return problems.flatMap(({ code, message, mend, file, line }) => {
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `
    return `${place}${message}  (${code})\n  ${mend}`.split('\n').map((text) => `${indent}${text}`)
  })
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}
