/** Nobody mistypes a longer name, and the work grows with the square of its length. */
const LONGEST = 64

/** The candidate closest to `name` by typing errors, or undefined when none comes near (a third of its letters, at least one). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = typingErrors(...unlike(name.toLowerCase(), candidate.toLowerCase()), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `Did you mean "workers"? ` with its trailing blank, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = nearest(name, candidates)
  return near === undefined ? '' : `Did you mean "${near}"? `
}

/** The nearest one and otherwise `fix`, or `fix` alone: it reads as a sentence in either case. Written as `remove the line`. */
export function didYouMeanElse(name: string, candidates: Iterable<string>, fix: string): string {
  return elseText(didYouMean(name, candidates), fix)
}

/** `Otherwise remove the line.` behind a hint, `Remove the line.` without one. */
export function elseText(hint: string, fix: string): string {
  return hint === '' ? `${fix.charAt(0).toUpperCase()}${fix.slice(1)}.` : `${hint}Otherwise ${fix}.`
}

/** What is left of both without what they begin and end alike with: most names that are compared have much in common. */
function unlike(one: string, other: string): [string, string] {
  const most = Math.min(one.length, other.length)
  let [begin, end] = [0, 0]
  while (begin < most && one[begin] === other[begin]) begin += 1
  while (end < most - begin && one.at(-1 - end) === other.at(-1 - end)) end += 1
  return [one.slice(begin, one.length - end), other.slice(begin, other.length - end)]
}

/**
 * Letters added, left out, replaced, or exchanged with the next one. It stops counting where there are `enough`. Written for
 * speed: a file may hold thousands of unknown names, and each is compared with every name there is.
 */
function typingErrors(from: string, to: string, enough: number): number {
  const width = to.length + 1
  const size = 3 * width
  const rows = new Uint16Array(size)
  const errorsAt = (at: number): number => rows[at] ?? 0
  let [before, row] = [0, width]
  for (let column = 1; column < width; column += 1) rows[column] = column
  for (let index = 1; index <= from.length; index += 1) {
    const letter = from.charCodeAt(index - 1)
    // Of three rows in turn the next one is that of two rows before.
    const next = (row + width) % size
    let least = index
    rows[row] = index
    for (let column = 1; column < width; column += 1) {
      const other = to.charCodeAt(column - 1)
      const added = Math.min(errorsAt(before + column), errorsAt(row + column - 1)) + 1
      let errors = Math.min(errorsAt(before + column - 1) + (letter === other ? 0 : 1), added)
      // In front of the first letter there is none: NaN, which is like nothing.
      const isExchanged = letter === to.charCodeAt(column - 2) && other === from.charCodeAt(index - 2)
      if (isExchanged) errors = Math.min(errors, errorsAt(next + column - 2) + 1)
      rows[row + column] = errors
      least = Math.min(least, errors)
    }
    // An exchange reaches back over one row, and costs one itself.
    if (least > enough) return enough
    ;[before, row] = [row, next]
  }
  return errorsAt(before + width - 1)
}
