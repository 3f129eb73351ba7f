import type { Millis } from '../worker/state.ts'

export function now(): Millis {
  return Date.now() as Millis
}
