/** Control characters but the end of a line and the tab, what turns the direction of writing, and what else ends a line. */
const COMMANDS = /(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu

/** Most texts: looked through in a fraction of the time. */
const PLAIN = /^[\n\t -~]*$/

/**
 * A text that a terminal only shows: what would move its cursor, change its title or turn the order of the letters stands
 * there as `\x1b` or `\u202e`. Every text that may hold words of a file or of a plugin passes here before it is printed.
 */
export function terminalText(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(COMMANDS, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
  })
}

/** The same for data: JSON that reads as what was given, and whose text holds none of these characters. */
export function terminalJson(data: unknown): string {
  return JSON.stringify(data, null, 4).replace(COMMANDS, (character) => `\\u${hex(character.charCodeAt(0), 4)}`)
}

/** The same on one line, for one of many. */
export function terminalLine(data: unknown): string {
  return JSON.stringify(data).replace(COMMANDS, (character) => `\\u${hex(character.charCodeAt(0), 4)}`)
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
