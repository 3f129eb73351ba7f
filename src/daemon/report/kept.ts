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

/** The same of many, each by its name. */
export class KeptEach<T> {
  readonly #kept = new Map<string, Kept<T>>()

  of(name: string, from: readonly unknown[], make: () => T): T {
    const kept = this.#kept.get(name) ?? new Kept<T>()
    this.#kept.set(name, kept)
    return kept.of(from, make)
  }

  /** Forgets all others. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name)
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, at) => Object.is(value, other[at]))
}
