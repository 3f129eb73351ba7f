import type { Where } from '../problem.ts'
import { explainFailure } from '../worker/explain.ts'
import { asideLines } from './aside-text.ts'
import type { AppReport, DaemonReport, PluginReport, ProblemReport } from './protocol.ts'

/** Why a plugin is not served as it should be: its problems, the failing workers, their last output. */
export function pluginTrouble(plugin: PluginReport): readonly string[] {
  return [...asideLines(plugin).map((line) => `It is ${line}`), ...problemLines(plugin.problems, ''), ...workerTrouble(plugin)]
}

/** Why a worker of it failed, with the line to look at, and its last output. */
export function workerTrouble(plugin: PluginReport): readonly string[] {
  return failedWorkers(plugin).flatMap(({ problem, output }) => {
    const wrote =
      output === '' ? ['  It wrote nothing.'] : ['  Its last output:', ...output.split('\n').map((text) => `    ${text}`)]
    return [...problemLines([problem], ''), ...wrote]
  })
}

/** What is known of a worker that failed. */
export interface FailedWorker {
  readonly problem: ProblemReport
  /** The last lines it wrote. */
  readonly output: string
}

/** One of each app and daemon that has any. */
export function failedWorkers(plugin: PluginReport): readonly FailedWorker[] {
  return [
    ...plugin.apps.flatMap((app) => failedWorker(`app ${app.name}`, app, app.type, plugin)),
    ...plugin.daemons.flatMap((daemon) => failedWorker(`daemon ${daemon.name}`, daemon, undefined, plugin)),
  ]
}

function failedWorker(
  owner: string,
  part: AppReport | DaemonReport,
  type: string | undefined,
  { home, sandbox }: PluginReport,
): readonly FailedWorker[] {
  const { file, line, entryLine } = part
  const slot = part.slots.find(({ failures }) => failures > 0)
  const last = slot?.lastRestart
  if (last?.reason === undefined) return []
  const at = (number: number | undefined): Where => (number === undefined ? { file } : { file, line: number })
  const { reason, output } = last
  const { message, fix, where } = explainFailure({
    owner,
    type,
    home,
    sandbox: sandbox === 'off' ? undefined : sandbox,
    reason,
    output,
    section: at(line),
    entry: at(entryLine ?? line),
  })
  return [{ problem: { code: 'WORKER_FAILED', message, fix, file: where.file, line: where.line }, output }]
}

/** Each problem with its place, and its fix below it. */
export function problemLines(problems: readonly ProblemReport[], indent: string): readonly string[] {
  return problems.flatMap(({ code, message, fix, file, line }) => {
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `
    return `${place}${message}  (${code})\n  ${fix.replaceAll('\n', '\n  ')}`.split('\n').map((text) => `${indent}${text}`)
  })
}
