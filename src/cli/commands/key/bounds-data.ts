import type { KeyBounds } from '../../../package/signing/key-bounds.ts'

/** JSON has no undefined: null is no bound. */
export function boundsData({ plugins, lowest }: KeyBounds) {
  return { plugins: plugins ?? null, lowest: lowest ?? null }
}
