/** One golden case, as its file has it. */
export interface GoldenCase {
  /** What the case shows, in one sentence. */
  readonly title: string
  readonly files: readonly GoldenFile[]
  /** A command as a person types it, or `render KIND FILE` for what is printed of a report. */
  readonly command: string
}

export interface GoldenFile {
  readonly path: string
  readonly text: string
  /** Where a symbolic link leads; `text` is empty then. */
  readonly link: string | undefined
}

/** What a command printed. Standard output and standard error in the order they came. */
export interface Shown {
  readonly text: string
  readonly exitCode: number
  readonly json: string
}

const FILE = '=== '
const COMMAND = '$ '
const TEXT = '--- text'
const JSON_TEXT = '--- json'

/**
 * Reads a case: `# title`, then files as `=== path` (or `=== path -> target`, a link) with their lines, then `$ command`.
 * What follows is what it shows, which the runner writes. Throws for a file that is none of this.
 */
export function parseCase(source: string): GoldenCase {
  const [head = '', ...lines] = source.split('\n')
  const at = lines.findIndex((line) => line.startsWith(COMMAND))
  const command = lines[at]?.slice(COMMAND.length)
  if (!head.startsWith('# ') || command === undefined) throw new Error('a case begins with "# title" and has a line "$ command"')
  const parts = `${lines.slice(0, at).join('\n')}\n`.split(/^=== /m).slice(1)
  return { title: head.slice(2), files: parts.map(fileIn), command }
}

/** The case with what is shown now. */
export function textOfCase({ title, files, command }: GoldenCase, { text, exitCode, json }: Shown): string {
  const input = files.map((file) =>
    file.link === undefined ? `${FILE}${file.path}\n${file.text}` : `${FILE}${file.path} -> ${file.link}\n`,
  )
  return `# ${title}\n${input.join('')}${COMMAND}${command}\n${TEXT} (exit code ${exitCode})\n${text}${JSON_TEXT}\n${json}`
}

function fileIn(part: string): GoldenFile {
  const [name = '', ...lines] = part.split('\n')
  const [path = '', link] = name.split(' -> ')
  return { path, link, text: link === undefined ? lines.join('\n') : '' }
}
