/**
 * Whether an INI text lacks what the one before had: sections, keys, or the end of its last line. A file that is written piece
 * by piece does so for a while; so does one that a person has made shorter.
 */
export function hasLost(before: string | undefined, text: string | undefined): boolean {
  if (before === undefined) return false
  if (text === undefined) return true
  if (before.endsWith('\n') && !text.endsWith('\n')) return true
  const now = new Set(keysIn(text))
  return keysIn(before).some((key) => !now.has(key))
}

function keysIn(text: string): readonly string[] {
  let section = ''
  return text.split('\n').flatMap((line) => {
    const heading = /^\[([^\]]*)\]/.exec(line)?.[1]
    if (heading !== undefined) {
      section = heading
      return [`[${section}]`]
    }
    const key = /^([^\s#;=:][^=:]*)[=:]/.exec(line)?.[1]
    return key === undefined ? [] : [`[${section}] ${key.trim()}`]
  })
}
