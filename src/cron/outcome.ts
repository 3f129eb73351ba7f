import type { CronOutcome } from './state.ts'

/** How a run ended, for people. */
export function outcomeText(outcome: CronOutcome): string {
  switch (outcome.is) {
    case 'exited': {
      const { code, signal } = outcome.exit
      if (code === null) return `ended by ${signal ?? 'a signal'}`
      return `exit code ${code}${signal === null ? '' : ` (${signal})`}`
    }
    case 'not-started':
      return `not started: ${outcome.message}`
    case 'unseen':
      return 'ended while no daemon ran, exit code unknown'
    default:
      return outcome satisfies never
  }
}
