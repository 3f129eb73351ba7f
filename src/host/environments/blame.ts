/**
 * The line of `text` that a tool's message is about: the one it names as `file:3`, `line 3`, or the first that it quotes, or
 * whose package it mentions. Undefined when it names none.
 */
export function blamedLine(message: string, text: string, fileName: string): number | undefined {
  const escaped = fileName.replaceAll('.', '\\.')
  const named = new RegExp(`${escaped}:(\\d+)|line (\\d+) of [^\\n]*${escaped}`).exec(message)
  if (named !== null) return Number(named[1] ?? named[2])
  const lines = text.split('\n')
  const said = squeezed(message)
  const quoted = lines.findIndex((line) => isRequirement(line) && said.includes(squeezed(line)))
  if (quoted >= 0) return quoted + 1
  const words = new Set(
    message
      .toLowerCase()
      .split(/[^a-z0-9_.@/-]+/)
      .flatMap(spellings),
  )
  const index = lines.findIndex((line) => {
    const name = packageOf(line)
    return name !== undefined && words.has(spelling(name))
  })
  return index < 0 ? undefined : index + 1
}

/** A package with a version, such as `requests<2`. */
function isRequirement(line: string): boolean {
  return /^\s*[A-Za-z0-9][\w.-]*(\[[^\]]*\])?\s*[<>=!~]/.test(line)
}

/** Tools write it with other blanks, and quote it in a sentence. */
function squeezed(text: string): string {
  return text
    .replace(/(^|\s)#.*$/gm, '')
    .replace(/\s+/g, '')
    .toLowerCase()
}

/** `requests` of `requests[socks]>=2`. */
function packageOf(line: string): string | undefined {
  return /^\s*([A-Za-z0-9][\w.-]*)/.exec(line)?.[1]
}

/** A tool may write `name@1.0`, or end a sentence with the name. */
function spellings(word: string): readonly string[] {
  const bare = withoutDots(word)
  return [spelling(bare), spelling(bare.replace(/(.)@.*$/, '$1'))]
}

/** Without those at the end. */
function withoutDots(word: string): string {
  let end = word.length
  while (word[end - 1] === '.') end -= 1
  return word.slice(0, end)
}

/** Python takes `-`, `_` and `.` in a package name for the same. */
function spelling(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}
