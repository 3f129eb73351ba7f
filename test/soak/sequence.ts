/** Lines that begin with a number, each with the next one: what is missing, there again or no such line. */
export class Sequence {
  count = 0
  missing = 0
  again = 0
  torn = 0
  #next: number | undefined

  take(line: string): void {
    const number = line.length === 99 && line.endsWith('xxxx') ? Number(line.slice(0, 10)) : Number.NaN
    if (Number.isNaN(number)) {
      // The framework writes into the same log.
      if (line.includes('xxxx')) this.torn += 1
      return
    }
    this.count += 1
    const expected = this.#next ?? number
    if (number > expected) this.missing += number - expected
    if (number < expected) this.again += 1
    this.#next = Math.max(expected, number + 1)
  }
}
