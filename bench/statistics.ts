/** A series measured in rounds. Throws when it is empty: a table must not show a number nobody measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new Error('no measurement')
  return (low + high) / 2
}

/** `median (min–max)`, the range only when there is more than one value. */
export function spread(values: readonly number[], write: (value: number) => string): string {
  const middle = write(median(values))
  return values.length > 1 ? `${middle} (${write(Math.min(...values))}–${write(Math.max(...values))})` : middle
}

/** One quotient for each round: what a busy machine did to one side of a round, it did to the other. */
export function quotients(values: readonly number[], of: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (of[round] ?? Number.NaN))
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

export function decimals(count: number): (value: number) => string {
  return (value) => value.toFixed(count)
}
