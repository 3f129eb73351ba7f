const MINUTE_MS = 60_000
const FIRST_WAIT_MS = 5 * MINUTE_MS
const LONGEST_WAIT_MS = 12 * 60 * MINUTE_MS

/** What a certificate is to be fetched for, and from whom. */
export interface Wanted {
  readonly names: readonly string[]
  readonly directory: string
}

/** A certificate that was fetched. */
export interface Issued extends Wanted {
  readonly from: number
  readonly until: number
}

/** An attempt that failed. */
export interface Failed extends Wanted {
  readonly at: number
  /** Of so many attempts in a row this is the last. */
  readonly failures: number
  readonly because: string
}

/**
 * When the next attempt is due. A certificate is renewed when a third of its life is left. After a failure the wait gets longer
 * each time, and it begins anew when something else is wanted.
 */
export function dueAt(wanted: Wanted, issued: Issued | undefined, failed: Failed | undefined): number {
  const isRight = issued !== undefined && isSame(wanted, issued)
  const due = isRight ? issued.until - (issued.until - issued.from) / 3 : 0
  return failed !== undefined && isSame(wanted, failed) ? Math.max(due, failed.at + waitMs(failed.failures)) : due
}

function waitMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** (failures - 1))
}

export function isSame(one: Wanted, other: Wanted): boolean {
  const list = ({ names }: Wanted): string => [...names].sort().join(' ')
  return one.directory === other.directory && list(one) === list(other)
}
