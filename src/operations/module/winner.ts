/** One of the files that bring the same plugin. */
export interface Rival {
  readonly file: string
  readonly version: string
  readonly release: string
  /** When the file was written. */
  readonly modified: number
}

/** Which of several files of one plugin counts: the newest; of equally new ones the highest version, and then the last name. */
export function winnerOf<T extends Rival>(rivals: readonly [T, ...T[]]): T {
  return rivals.reduce((best, one) => (order(one, best) > 0 ? one : best))
}

/** Below 0 when `other` counts. */
function order(one: Rival, other: Rival): number {
  return (
    one.modified - other.modified ||
    byNumbers(one.version, other.version) ||
    byNumbers(one.release, other.release) ||
    (one.file < other.file ? -1 : 1)
  )
}

/** 1.10 is more than 1.9. */
function byNumbers(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
