import { type Key, list, type Read } from '../value.ts'

export const SECONDS = 86_400
export const BYTES = 1_000_000_000_000

export const networks = list(
  ',',
  /^[0-9a-fA-F.:]+(\/\d{1,3})?$/,
  'addresses or networks separated by commas, such as 10.0.0.0/8, or null',
)

/** An entry of the table of settings. */
export function setting<T>(
  read: Read<T>,
  fallback: string,
  doc: string,
  more: Pick<Key<T>, 'doubt' | 'idle' | 'takesEffect'> = {},
): Key<T> {
  return { read, fallback, doc, ...more }
}
