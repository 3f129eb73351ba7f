import type { FailureReason, OverLimit } from './state.ts'

/** Why a worker failed, for people. */
export function reasonText(reason: FailureReason): string {
  switch (reason.kind) {
    case 'exited':
      if (reason.exit.signal !== null) return `it was ended by ${reason.exit.signal}`
      return reason.exit.code === null ? 'it ended' : `it exited with code ${reason.exit.code}`
    case 'not-ready':
      return `it did not answer on its socket within ${Math.round(reason.afterMs / 1000)} s${elsewhere(reason.listensOn)}`
    case 'hung':
      return `it did not answer any more for ${Math.round(reason.afterMs / 1000)} s while requests waited, and was killed`
    case 'not-started':
      return `it could not be started: ${reason.message}`
    case 'over-limit':
      return overLimitText(reason)
    default:
      return reason satisfies never
  }
}

function elsewhere(listensOn: readonly string[] = []): string {
  return listensOn.length === 0 ? '' : `, and listens on ${listensOn.join(' and ')} instead`
}

/** `it was killed: 312 MB of memory, over its limit of 300 MB`. */
function overLimitText({ what, of, limit, used, outcome }: OverLimit): string {
  const amount = (value: number): string => (what === 'memory' ? `${Math.round(value / (1 << 20))} MB` : String(value))
  const unit = what === 'memory' ? 'of memory' : 'processes and threads'
  const key = what === 'tasks' ? 'tasks_max' : outcome === 'replaced' ? 'memory_high' : 'memory_max'
  const [who, whose] = of === 'plugin' ? ['all of its plugin together', "the plugin's"] : ['it', 'its']
  const [had, limited] =
    used === undefined ? ['', `${amount(limit)} ${unit}`] : [`${who} had ${amount(used)} ${unit}, `, amount(limit)]
  return `it was ${outcome}: ${had}over ${whose} limit of ${limited} (${key})`
}
