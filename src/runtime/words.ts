/**
 * Splits a command line into words as a POSIX shell would, without running one: blanks separate, single and double quotes
 * group, a backslash takes the next character literally. Nothing is expanded. A quote that is never closed and a backslash
 * at the end stand for themselves, so nothing is lost.
 */
export function words(line: string): readonly string[] {
  const found: string[] = []
  for (const [word] of line.matchAll(/(?:[^\s"'\\]|\\[\s\S]?|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|["'])+/g)) {
    found.push(
      word.replace(/\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g, (_all, escaped, double, single) => {
        return escaped ?? single ?? double.replace(/\\(["\\$`])/g, '$1')
      }),
    )
  }
  return found
}
