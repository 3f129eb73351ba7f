/** The candidate closest to `name` by typing errors, or undefined when none comes near (a third of its letters, at least one). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = typingErrors(name.toLowerCase(), candidate.toLowerCase())
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

/** The nearest one and otherwise `mend`, or `mend` alone: it reads as a sentence in either case. Written as `remove the line`. */
export function didYouMeanElse(name: string, candidates: Iterable<string>, mend: string): string {
  return elseText(didYouMean(name, candidates), mend)
}

/** `Otherwise remove the line.` behind a hint, `Remove the line.` without one. */
export function elseText(hint: string, mend: string): string {
  return hint === '' ? `${mend.charAt(0).toUpperCase()}${mend.slice(1)}.` : `${hint}Otherwise ${mend}.`
}

/** Letters added, left out, replaced, or exchanged with the next one. */
function typingErrors(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      const isExchanged = index > 0 && column > 0 && letter === to[column - 1] && from[index - 1] === other
      const exchanged = isExchanged ? (before[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
