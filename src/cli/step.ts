const COLUMN = 60

/** `- Uninstalling plugin blog...   [ OK ]`: what was done, and how it went in a column of its own. */
export function stepLine(text: string, tag: 'OK' | 'WARNING' | 'ERROR'): string {
  return `${`- ${text}... `.padEnd(COLUMN)}[ ${tag} ]`
}
