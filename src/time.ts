/** Milliseconds since the epoch; those of a worker by a time that a step of the clock does not change. */
export type Millis = number & { readonly __brand: 'Millis' }

export function later(now: Millis, ms: number): Millis {
  return (now + ms) as Millis
}
