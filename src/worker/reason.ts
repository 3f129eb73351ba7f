import type { FailureReason } from './state.ts'

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
    default:
      return reason satisfies never
  }
}

function elsewhere(listensOn: readonly string[] = []): string {
  return listensOn.length === 0 ? '' : `, and listens on ${listensOn.join(' and ')} instead`
}
