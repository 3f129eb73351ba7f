import { reasonText } from '../worker/reason.ts'
import type { AppReport, DaemonReport, PluginReport, ProblemReport } from './protocol.ts'

/** Why a plugin is not served as it should be: its problems, the failing workers, their last output. */
export function pluginTrouble(plugin: PluginReport): readonly string[] {
  const { name, state } = plugin
  const stopped = state === 'stopped' ? [`it was stopped by plugins.stop. To have it back: plugins.start ${name}`] : []
  return [...stopped, ...problemLines(plugin.problems, ''), ...workerTrouble(plugin)]
}

/** Why a worker of it failed, with the section it is written in, and its last output. */
export function workerTrouble({ apps, daemons }: PluginReport): readonly string[] {
  return [
    ...apps.flatMap((app) => slotTrouble(`app ${app.name}`, app)),
    ...daemons.flatMap((daemon) => slotTrouble(`daemon ${daemon.name}`, daemon)),
  ]
}

const MEND = 'Mend what its output tells, or its section there. A change of its files is tried at once.'

function slotTrouble(owner: string, { file, line, slots }: AppReport | DaemonReport): readonly string[] {
  const slot = slots.find(({ failures }) => failures > 0)
  const last = slot?.lastRestart
  if (last?.reason === undefined) return []
  const message = `a worker of ${owner} failed: ${reasonText(last.reason)}`
  const output =
    last.output === '' ? ['  It wrote nothing.'] : ['  Its last output:', ...last.output.split('\n').map((text) => `    ${text}`)]
  return [...problemLines([{ code: 'WORKER_FAILED', message, mend: MEND, file, line }], ''), ...output]
}

/** Each problem with its place, and its mend below it. */
export function problemLines(problems: readonly ProblemReport[], indent: string): readonly string[] {
  return problems.flatMap(({ code, message, mend, file, line }) => {
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `
    return `${place}${message}  (${code})\n  ${mend}`.split('\n').map((text) => `${indent}${text}`)
  })
}
