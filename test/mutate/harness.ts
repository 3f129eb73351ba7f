type Body = () => unknown

/** What a test of a pure file gets in place of `node:test`: the tests are kept, so that they can be run at once for each mutant. */
export interface Kept {
  readonly name: string
  readonly body: Body
}

let kept: Kept[] = []

export function test(name: string, ...[first, second]: readonly [Body] | readonly [options: object, body: Body]): void {
  kept.push({ name, body: second ?? (first as Body) })
}

export default test

/** Those that were declared since it was asked last. */
export function takeKept(): readonly Kept[] {
  const taken = kept
  kept = []
  return taken
}
