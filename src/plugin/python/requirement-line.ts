/** What one line of a requirements file asks for, as pip reads it. Its comment is gone already. */
export type RequirementLine =
  /** For the tool as it is. */
  | { readonly is: 'package'; readonly text: string }
  /** A directory or an archive on this machine; `path` as it is written. */
  | { readonly is: 'path'; readonly path: string; readonly name: string; readonly extras: string; readonly marker: string }
  | { readonly is: 'include'; readonly as: 'requirements' | 'constraints'; readonly path: string }
  | { readonly is: 'options'; readonly options: readonly RequirementOption[] }

export interface RequirementOption {
  /** The long name: `--index-url`. */
  readonly name: string
  /** Empty for one that takes none. */
  readonly value: string
}

/** A line of a text file, after those that end in a backslash are joined. */
export interface LogicalLine {
  readonly text: string
  /** Of its first part, from 1. */
  readonly line: number
}

/** The requirements of a file with their places, without comments and blank lines. */
export function logicalLines(text: string): readonly LogicalLine[] {
  const found: LogicalLine[] = []
  let begun: { text: string; line: number } | undefined
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const goesOn = raw.endsWith('\\') && !/^\s*#/.test(raw)
    const part = goesOn ? raw.slice(0, -1) : raw
    const whole = begun === undefined ? { text: part, line: index + 1 } : { text: joined(begun.text, part), line: begun.line }
    begun = goesOn ? whole : undefined
    if (!goesOn) found.push(whole)
  }
  if (begun !== undefined) found.push(begun)
  return found.map(({ text: raw, line }) => ({ text: withoutComment(raw), line })).filter((one) => one.text !== '')
}

/** As pip does: a name may go on in the next line, and what is a comment there stays one. */
function joined(begun: string, part: string): string {
  return /^\s*#/.test(part) ? `${begun} ${part}` : begun + part
}

function withoutComment(text: string): string {
  return text.replace(/(^|\s)#.*$/, '').trim()
}

export function readRequirementLine(text: string): RequirementLine {
  if (!text.startsWith('-')) return readRequirement(text)
  const options = readOptions(text)
  const [first] = options
  const include = INCLUDES.get(first?.name ?? '')
  if (first !== undefined && include !== undefined) return { is: 'include', as: include, path: first.value }
  if (first?.name === '--editable')
    return readRequirement(text.replace(/^(-e|--editable)[\s=]*/, '').replace(/^(["'])(.*)\1$/, '$2'))
  return { is: 'options', options }
}

const INCLUDES: ReadonlyMap<string, 'requirements' | 'constraints'> = new Map([
  ['--requirement', 'requirements'],
  ['--constraint', 'constraints'],
])

const LONG: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
  '-i': '--index-url',
  '-f': '--find-links',
  '--pypi-url': '--index-url',
}

/** A value follows its option after a blank, after `=`, or after a short name at once. A line may have several. */
function readOptions(text: string): readonly RequirementOption[] {
  const options: RequirementOption[] = []
  for (const [quoted] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    const word = quoted.replace(/(["'])(.*?)\1/g, '$2')
    const last = options.at(-1)
    const [, short, value] = /^(-[a-z])=?(.*)$/.exec(word) ?? /^(--[a-z-]+)(?:=(.*))?$/.exec(word) ?? []
    if (short !== undefined) options.push({ name: LONG[short] ?? short, value: value ?? '' })
    else if (last?.value === '') {
      options.pop()
      options.push({ ...last, value: word })
    }
  }
  return options
}

/** Also what follows `-e`: pip takes a repository there, which the others take only as `name @ address`. */
function readRequirement(text: string): RequirementLine {
  if (/^[a-z]+\+[a-z]+:/i.test(text)) return { is: 'package', text: asDirectReference(text) }
  const [, name = '', ofName = '', rest = text] = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*@\s*(.*)$/.exec(text) ?? []
  const [, written = '', marker = ''] = /^(.*?)(?:\s*;\s*(.*))?$/.exec(rest) ?? []
  const path = pathIn(written.trim(), name !== '')
  if (path === undefined) return { is: 'package', text }
  const [, bare = path, extras = ''] = /^(.*?)(\[[^\]]*\])?$/.exec(path) ?? []
  return { is: 'path', path: bare, name, extras: extras || ofName, marker }
}

/** Undefined for what is no path: a name, or an address elsewhere. */
function pathIn(written: string, afterName: boolean): string | undefined {
  const local = /^file:(.*)$/i.exec(written)?.[1]
  if (local !== undefined) return decoded(local.replace(/^\/\/(localhost)?(?=[/.])/, '').replace(/#.*$/, ''))
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return undefined
  if (/^[./~]/.test(written) || afterName) return written
  return /^[\w.-]+\//.test(written) && !/\s/.test(written) ? written : undefined
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return path
    throw error
  }
}

/** `git+https://host/x.git#egg=x[fast]&subdirectory=lib` as `x[fast] @ git+https://host/x.git#subdirectory=lib`. */
function asDirectReference(text: string): string {
  const [, address = text, fragment = '', after = ''] = /^([^#\s]+)(?:#(\S*))?(.*)$/.exec(text) ?? []
  const parts = fragment.split('&').filter((part) => part !== '')
  const egg = parts.find((part) => part.startsWith('egg='))?.slice('egg='.length)
  const others = parts.filter((part) => !part.startsWith('egg='))
  const where = others.length === 0 ? address : `${address}#${others.join('&')}`
  return egg === undefined ? `${where}${after}` : `${decoded(egg)} @ ${where}${after}`
}

/** `requests` of `requests[socks]>=2`; the name as Python compares it. Undefined for a line that begins with none. */
export function packageName(text: string): string | undefined {
  const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(text)?.[1]
  return name === undefined ? undefined : normalName(name)
}

/** Python takes `-`, `_` and `.` in the name of a package for the same. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}
