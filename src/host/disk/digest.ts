import { createHash } from 'node:crypto'

/** A short name of a text, equal only for equal texts. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
