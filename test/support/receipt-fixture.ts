import type { Observed } from '../../src/receipt/judge.ts'
import { type CountedRequest, type Measured, Tally } from '../../src/receipt/measure.ts'

/** What these requests make, for tests. */
export function observe(lines: Iterable<CountedRequest>, seconds = 0): Observed {
  const tally = new Tally()
  for (const line of lines) tally.add(line)
  return { measured: tally.measured(seconds), tally }
}

export function measure(lines: Iterable<CountedRequest>, seconds = 0): Measured {
  return observe(lines, seconds).measured
}
