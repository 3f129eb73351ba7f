/** The text as one word of a POSIX shell: nothing in it can end the word or be expanded. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The same for a person to read and to copy: quoted only where something in it means something to a shell. */
export function shellArgument(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text : shellWord(text)
}

/** The same for fish, where a backslash escapes within single quotes. */
export function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
