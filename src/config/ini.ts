import { Problem, type Where } from '../problem.ts'
import { nulIn } from './process-value.ts'

/** One `key = text`. A value over several lines holds `\n`. */
export interface IniEntry {
  readonly key: string
  readonly text: string
  readonly where: Where
}

export interface IniSection {
  readonly name: string
  readonly entries: readonly IniEntry[]
  readonly where: Where
}

export interface Ini {
  readonly sections: readonly IniSection[]
  readonly problems: readonly Problem[]
}

export interface IniDialect {
  readonly delimiters: RegExp
  readonly comments: string
  readonly keys: 'lower-cased' | 'as-written'
}

/** config.ini of a plugin, keys such as `type` and `main_arg`. */
export const DOCUMENTED_INI: IniDialect = { delimiters: /[=:]/, comments: '#;', keys: 'lower-cased' }
/** config.ini of a plugin, keys such as `_cmd_and_args`. */
export const LATER_INI: IniDialect = { delimiters: /=/, comments: '#', keys: 'as-written' }
/** config.ini of the module. */
export const MODULE_INI: IniDialect = { delimiters: /=/, comments: '#;', keys: 'lower-cased' }

/**
 * Reads INI text as Python's configparser does: whole-line comments only, and an indented line continues the value above it.
 * Ours because every entry has to know its line. Of two equal keys the last one counts; the problem says so.
 */
export function parseIni(text: string, file: string, dialect: IniDialect): Ini {
  const reader = new Reader(dialect)
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    reader.line(line, { file, line: index + 1 })
  }
  return reader.ini()
}

interface OpenEntry {
  readonly key: string
  readonly lines: string[]
  readonly indent: number
  readonly where: Where
}

interface OpenSection {
  readonly name: string
  readonly entries: Map<string, OpenEntry>
  readonly where: Where
}

class Reader {
  readonly #dialect: IniDialect
  readonly #problems: Problem[] = []
  readonly #sections = new Map<string, OpenSection>()
  #section: OpenSection | undefined
  #entry: OpenEntry | undefined

  constructor(dialect: IniDialect) {
    this.#dialect = dialect
  }

  line(line: string, where: Where): void {
    const trimmed = line.trim()
    if (trimmed.includes('\0')) {
      const { message, fix } = nulIn('the line')
      this.#problems.push(new Problem('INI_SYNTAX', message, fix, where))
      return
    }
    if (this.#isComment(trimmed)) return
    if (trimmed === '') {
      this.#entry?.lines.push('')
      return
    }
    const indent = line.length - line.trimStart().length
    if (this.#entry !== undefined && indent > this.#entry.indent) {
      this.#entry.lines.push(trimmed)
      return
    }
    if (trimmed.startsWith('[')) this.#header(trimmed, where)
    else this.#keyAndText(trimmed, indent, where)
  }

  ini(): Ini {
    const sections = [...this.#sections.values()].map(({ name, entries, where }) => ({
      name,
      where,
      entries: [...entries.values()].map((entry) => ({
        key: entry.key,
        text: entry.lines.join('\n').trimEnd(),
        where: entry.where,
      })),
    }))
    return { sections, problems: this.#problems }
  }

  #isComment(trimmed: string): boolean {
    return trimmed !== '' && this.#dialect.comments.includes(trimmed.charAt(0))
  }

  #header(trimmed: string, where: Where): void {
    this.#entry = undefined
    const [, name = '', rest = ''] = /^\[([^\]]*)\](.*)$/.exec(trimmed) ?? []
    if (name.trim() === '' || !(rest === '' || this.#isComment(rest.trim()))) {
      this.#section = { name: '', entries: new Map(), where }
      this.#syntax(trimmed, 'Write a section as [name] on a line of its own.', where)
      return
    }
    const before = this.#sections.get(name.trim())
    if (before !== undefined) {
      this.#problems.push(
        new Problem(
          'INI_DUPLICATE',
          `[${name.trim()}] is there twice, first in line ${before.where.line}`,
          'Put all its keys under one of them.',
          where,
        ),
      )
    }
    this.#section = before ?? { name: name.trim(), entries: new Map(), where }
    this.#sections.set(name.trim(), this.#section)
  }

  #keyAndText(trimmed: string, indent: number, where: Where): void {
    this.#entry = undefined
    const at = trimmed.search(this.#dialect.delimiters)
    const key = this.#cased(trimmed.slice(0, Math.max(0, at)).trimEnd())
    if (key === '') {
      this.#syntax(trimmed, 'Write key = value, or # in front of a comment.', where)
      return
    }
    if (this.#section === undefined) {
      this.#syntax(trimmed, 'Write a [section] above the first key.', where)
      return
    }
    const before = this.#section.entries.get(key)
    if (before !== undefined) {
      const message = `${key} is set twice in [${this.#section.name}], first in line ${before.where.line}`
      this.#problems.push(new Problem('INI_DUPLICATE', message, 'Keep one of the two lines.', where))
    }
    this.#entry = { key, lines: [trimmed.slice(at + 1).trim()], indent, where }
    this.#section.entries.set(key, this.#entry)
  }

  #cased(key: string): string {
    return this.#dialect.keys === 'lower-cased' ? key.toLowerCase() : key
  }

  #syntax(line: string, fix: string, where: Where): void {
    this.#problems.push(new Problem('INI_SYNTAX', `cannot read ${JSON.stringify(line)}`, fix, where))
  }
}
