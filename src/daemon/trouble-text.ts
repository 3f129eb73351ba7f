import { reasonText } from '../worker/reason.ts'
import type { PluginReport, ProblemReport, SlotReport } from './protocol.ts'

/** Why a plugin is not served as it should be: its problems, the failing workers, their last output. */
export function pluginTrouble(plugin: PluginReport): readonly string[] {
  const { name, state } = plugin
  const stopped = state === 'stopped' ? [`it was stopped by plugins.stop. To have it back: plugins.start ${name}`] : []
  return [...stopped, ...problemLines(plugin.problems, ''), ...workerTrouble(plugin)]
}

/** Why a worker of it failed, and its last output. */
export function workerTrouble({ apps, daemons }: PluginReport): readonly string[] {
  return [
    ...apps.flatMap(({ name, slots }) => slotTrouble(`app ${name}`, slots)),
    ...daemons.flatMap(({ name, slots }) => slotTrouble(`daemon ${name}`, slots)),
  ]
}

function slotTrouble(owner: string, slots: readonly SlotReport[]): readonly string[] {
  const slot = slots.find(({ failures }) => failures > 0)
  const last = slot?.lastRestart
  if (last?.reason === undefined) return []
  const output =
    last.output === '' ? ['  It wrote nothing.'] : ['  Its last output:', ...last.output.split('\n').map((line) => `    ${line}`)]
  return [`a worker of ${owner} failed: ${reasonText(last.reason)}  (WORKER_FAILED)`, ...output]
}

/** Each problem with its place, and its mend below it. */
export function problemLines(problems: readonly ProblemReport[], indent: string): readonly string[] {
  return problems.flatMap(({ code, message, mend, file, line }) => {
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `
    return `${place}${message}  (${code})\n  ${mend}`.split('\n').map((text) => `${indent}${text}`)
  })
}
