/** To match the worst name with so many takes half a second; with each further one, ten times as long and more. */
export const MOST_STARS = 4

/** The lines of a text in the syntax of .gitignore that may take for ever to compare with a name, by their numbers. */
export function endlessPatterns(text: string): ReadonlyMap<number, string> {
  const lines = linesOf(text).map((line, index) => [index + 1, line] as const)
  return new Map(lines.filter(([, line]) => starsIn(line) > MOST_STARS))
}

/** The others. */
export function withoutEndless(text: string): string {
  return linesOf(text)
    .filter((line) => starsIn(line) <= MOST_STARS)
    .join('\n')
}

/** As the reader of the patterns takes them apart. */
function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/)
}

/** A comment has none. Neighbours are one, and at the ends of a path they have nothing to try. */
function starsIn(line: string): number {
  const inside = line
    .replace(/^#.*/s, '')
    .trimEnd()
    .replace(/^!?\/?(\*\*\/)+/, '')
    .replace(/(\/\*\*)+\/?$/, '')
  return (inside.match(/\*+/g) ?? []).length
}
