import { type IniSection, MODULE_INI, parseIni } from '../ini.ts'

export interface KeyPlace {
  readonly section: string
  /** With its variant, such as `port[DEV]`. */
  readonly key: string
}

/**
 * The text of a config.ini with one key set, and nothing else in it touched: comments, order and spelling stay. A key that is there
 * only as a comment, as in the generated file, is written below that comment. Undefined for a value that no line can hold.
 */
export function withKey(text: string, place: KeyPlace, value: string): string | undefined {
  const lines = linesOf(text)
  const candidates = [() => replaced(text, lines, place, value), () => inserted(text, lines, place, value)]
  for (const candidate of candidates) {
    for (const changed of candidate()) if (isOnlyChange(text, changed, place, value)) return changed
  }
  return undefined
}

interface Line {
  readonly text: string
  /** What ends it; nothing behind the last one. */
  readonly end: string
}

function linesOf(text: string): readonly Line[] {
  const parts = text.split(/(\r\n|\r|\n)/)
  return parts.flatMap((part, index) => (index % 2 === 0 ? [{ text: part, end: parts[index + 1] ?? '' }] : []))
}

/** Where the key is set already. */
function replaced(text: string, lines: readonly Line[], place: KeyPlace, value: string): readonly string[] {
  const at = entryOf(sectionOf(text, place), place)
  const line = at === undefined ? undefined : lines[at]
  if (at === undefined || line === undefined) return []
  const [, begin = '', blanks = ''] = /^([^=]*=)([ \t]*)/.exec(line.text) ?? []
  const own = written(`${begin}${blanks}`, value, line.end === '' ? endOf(lines) : line.end)
  const rest = lines.slice(at + 1)
  const length = continuation(rest, indentOf(line.text))
  const kept = rest.slice(0, length).filter(({ text: one }) => one.trim() === '' || isComment(one))
  return [joined([...lines.slice(0, at), { text: own, end: line.end }, ...kept, ...rest.slice(length)])]
}

/** Below the comment that shows it, behind the last key of its section, or in a section of its own. */
function inserted(text: string, lines: readonly Line[], place: KeyPlace, value: string): readonly string[] {
  const section = sectionOf(text, place)
  const end = endOf(lines)
  if (section === undefined) {
    const begin = text === '' || /[\r\n]$/.test(text) ? text : `${text}${end}`
    return [`${begin}${begin === '' ? '' : end}[${place.section}]${end}${written(`${place.key} = `, value, end)}${end}`]
  }
  const head = section.where.line ?? 1
  const next = lines.findIndex((line, index) => index >= head && line.text.trim().startsWith('['))
  const inside = lines.slice(head, next === -1 ? lines.length : next)
  const shown = inside.findLastIndex(({ text: one }) => isShownIn(one, place.key))
  const last = inside.findLastIndex(({ text: one }) => one.trim() !== '' && !isComment(one))
  return [...(shown === -1 ? [] : [shown]), last].map((index) => withLine(lines, head + index + 1, place.key, value, end))
}

function withLine(lines: readonly Line[], at: number, key: string, value: string, end: string): string {
  const following = lines.slice(at).find(({ text: one }) => one.trim() !== '' && !isComment(one))
  // As far to the right as what follows, which would otherwise be read as more of this value.
  const indent = /^\s*/.exec(following?.text ?? '')?.[0] ?? ''
  const before = lines.slice(0, at).map((line, index) => (index === at - 1 && line.end === '' ? { ...line, end } : line))
  return joined([...before, { text: written(`${indent}${key} = `, value, end), end }, ...lines.slice(at)])
}

function written(begin: string, value: string, end: string): string {
  const indent = ' '.repeat(indentOf(begin) + 4)
  const [first = '', ...more] = value.split('\n')
  return [`${begin}${first}`.trimEnd(), ...more.map((line) => `${indent}${line}`)].join(end)
}

function sectionOf(text: string, { section }: KeyPlace): IniSection | undefined {
  return parseIni(text, '', MODULE_INI).sections.find(({ name }) => name === section)
}

/** The index of its line. */
function entryOf(section: IniSection | undefined, { key }: KeyPlace): number | undefined {
  const line = section?.entries.find((entry) => entry.key === key.toLowerCase())?.where.line
  return line === undefined ? undefined : line - 1
}

/** How many of the lines behind an entry are more of its value, those in between counted. */
function continuation(rest: readonly Line[], indent: number): number {
  const end = rest.findIndex(({ text }) => text.trim() !== '' && !isComment(text) && indentOf(text) <= indent)
  return end === -1 ? rest.length : end
}

function isShownIn(line: string, key: string): boolean {
  const [, name] = /^\s*[#;]\s*([^=\s][^=]*?)\s*=/.exec(line) ?? []
  return name?.toLowerCase() === key.toLowerCase()
}

function isComment(line: string): boolean {
  return /^\s*[#;]/.test(line)
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function endOf(lines: readonly Line[]): string {
  return lines[0]?.end === undefined || lines[0].end === '' ? '\n' : lines[0].end
}

function joined(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => `${text}${end}`).join('')
}

/** What the reader makes of both is the same but for the key, and that has the value. */
function isOnlyChange(before: string, after: string, place: KeyPlace, value: string): boolean {
  const name = JSON.stringify([place.section, place.key.toLowerCase()])
  const [old, now] = [valuesOf(before), valuesOf(after)]
  const others = (values: ReadonlyMap<string, string>): string =>
    JSON.stringify([...values].filter(([one]) => one !== name).sort())
  return now.get(name) === value && others(old) === others(now)
}

function valuesOf(text: string): ReadonlyMap<string, string> {
  const { sections } = parseIni(text, '', MODULE_INI)
  return new Map(
    sections.flatMap(({ name, entries }) => entries.map((entry) => [JSON.stringify([name, entry.key]), entry.text] as const)),
  )
}
