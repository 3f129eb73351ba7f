/** The last answer, for as long as it would be made from the same things again. */
export class Kept<T> {
  #last: { readonly from: readonly unknown[]; readonly answer: T } | undefined

  /** `from`: everything that `make` reads, as values that never change in themselves. */
  of(from: readonly unknown[], make: () => T): T {
    if (this.#last !== undefined && isSame(this.#last.from, from)) return this.#last.answer
    const answer = make()
    this.#last = { from, answer }
    return answer
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, at) => Object.is(value, other[at]))
}
