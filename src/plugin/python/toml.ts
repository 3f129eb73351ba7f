/** What stands in a TOML file. Dates are kept as they are written. */
export type Toml = string | number | boolean | readonly Toml[] | TomlTable
export interface TomlTable {
  readonly [key: string]: Toml
}

export interface TomlMistake {
  readonly mistake: string
  readonly line: number
}

/** Reads TOML 1.0, or says the first mistake with its line. */
export function readToml(text: string): { readonly table: TomlTable } | TomlMistake {
  // Editors of Windows write a mark in front.
  const reader = new Reader(text.replace(/^\uFEFF/, ''))
  try {
    return { table: readDocument(reader) }
  } catch (error) {
    if (error instanceof Mistake) return { mistake: error.message, line: reader.line() }
    throw error
  }
}

class Mistake extends Error {}

/** The tables that may still grow. They have no prototype: a key may have any name. */
interface Growing {
  [key: string]: Growing | Growing[] | Toml
}

const DEEPEST = 100

/** The text, and how far it is read. */
class Reader {
  at = 0
  depth = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  line(): number {
    return this.text.slice(0, this.at).split('\n').length
  }

  /** Goes on behind what matches here; undefined when nothing does. The pattern is sticky. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  must(pattern: RegExp, what: string): string {
    const found = this.take(pattern)
    if (found === undefined) throw new Mistake(`${what} is missing`)
    return found
  }
}

const BLANK = /[ \t]*/y
const GAP = /(?:[ \t\r\n]|#[^\n]*)*/y
const END_OF_LINE = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y

function readDocument(reader: Reader): TomlTable {
  const root = newTable()
  let table = root
  for (reader.take(GAP); reader.at < reader.text.length; reader.take(GAP)) {
    if (reader.take(/\[\[/y) !== undefined) {
      table = appended(root, readKey(reader))
      reader.must(/\]\]/y, ']]')
    } else if (reader.take(/\[/y) !== undefined) {
      table = opened(root, readKey(reader))
      reader.must(/\]/y, ']')
    } else readPair(reader, table)
    reader.must(END_OF_LINE, 'the end of the line')
  }
  return root as TomlTable
}

function readPair(reader: Reader, table: Growing): void {
  const path = readKey(reader)
  reader.must(/=[ \t]*/y, '=')
  const value = readValue(reader)
  const last = path.at(-1) ?? ''
  const inner = opened(table, path.slice(0, -1))
  if (last in inner) throw new Mistake(`${last} is there twice`)
  inner[last] = value
}

function readKey(reader: Reader): readonly string[] {
  const path: string[] = []
  do {
    reader.take(BLANK)
    const quoted = reader.text[reader.at] === '"' || reader.text[reader.at] === "'"
    path.push(quoted ? readString(reader) : reader.must(/[A-Za-z0-9_-]+/y, 'a key'))
    reader.take(BLANK)
  } while (reader.take(/\./y) !== undefined)
  return path
}

function newTable(): Growing {
  return Object.create(null) as Growing
}

/** The table at that path; those on the way are made. Of a list of tables it is the last one. */
function opened(table: Growing, path: readonly string[]): Growing {
  let inner = table
  for (const key of path) {
    inner[key] ??= newTable()
    const next = inner[key]
    const one = Array.isArray(next) ? next.at(-1) : next
    if (typeof one !== 'object') throw new Mistake(`${key} is no table`)
    inner = one as Growing
  }
  return inner
}

function appended(root: Growing, path: readonly string[]): Growing {
  const outer = opened(root, path.slice(0, -1))
  const key = path.at(-1) ?? ''
  outer[key] ??= []
  const list = outer[key]
  if (!Array.isArray(list)) throw new Mistake(`${key} is no list of tables`)
  const table = newTable()
  list.push(table as never)
  return table
}

function readValue(reader: Reader): Toml {
  const first = reader.text[reader.at]
  if (first === '"' || first === "'") return readString(reader)
  if (first === '[') return nested(reader, readArray)
  if (first === '{') return nested(reader, readInlineTable)
  const word = reader.must(/[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?/y, 'a value')
  if (word === 'true' || word === 'false') return word === 'true'
  const number = word.replaceAll('_', '')
  if (/^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)$/.test(number)) return Number(number)
  if (/^(\d{4}-\d\d-\d\d|\d\d:\d\d|[+-]?(inf|nan)$)/.test(word)) return word
  throw new Mistake(`${JSON.stringify(word.slice(0, 40))} is no value`)
}

/** A hostile file may open brackets without end. */
function nested(reader: Reader, read: (reader: Reader) => Toml): Toml {
  reader.depth += 1
  if (reader.depth > DEEPEST) throw new Mistake(`more than ${DEEPEST} brackets are open`)
  const value = read(reader)
  reader.depth -= 1
  return value
}

function readArray(reader: Reader): Toml {
  const values: Toml[] = []
  reader.at += 1
  for (;;) {
    reader.take(GAP)
    if (reader.take(/\]/y) !== undefined) return values
    values.push(readValue(reader))
    reader.take(GAP)
    if (reader.take(/,/y) === undefined) {
      reader.must(/\]/y, 'a comma or ]')
      return values
    }
  }
}

function readInlineTable(reader: Reader): Toml {
  const table = newTable()
  reader.at += 1
  reader.take(GAP)
  if (reader.take(/\}/y) !== undefined) return table as TomlTable
  do {
    reader.take(GAP)
    if (reader.take(/\}/y) !== undefined) return table as TomlTable
    readPair(reader, table)
    reader.take(GAP)
  } while (reader.take(/,/y) !== undefined)
  reader.must(/\}/y, 'a comma or }')
  return table as TomlTable
}

function readString(reader: Reader): string {
  const long = reader.take(/"""(?:\r?\n)?/y)
  if (long !== undefined) return unescaped(reader.must(/(?:\\[\s\S]|"{0,2}[^"\\])*"{3,5}/y, 'the end of a text').slice(0, -3))
  if (reader.take(/'''(?:\r?\n)?/y) !== undefined) return reader.must(/(?:'{0,2}[^'])*'{3,5}/y, 'the end of a text').slice(0, -3)
  const short = reader.take(/"(?:\\[^\n]|[^"\\\n])*"/y)
  if (short !== undefined) return unescaped(short.slice(1, -1))
  return reader.must(/'[^'\n]*'/y, 'the end of a text').slice(1, -1)
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b', '"': '"', '\\': '\\' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|[ \t]*\r?\n\s*|(.))/g, (_all, ...groups) => {
    const [four, eight, two, letter] = groups as readonly (string | undefined)[]
    const code = four ?? eight ?? two
    if (code !== undefined) {
      const point = Number.parseInt(code, 16)
      if (point > 0x10_ff_ff) throw new Mistake(`\\U${code} is no character`)
      return String.fromCodePoint(point)
    }
    if (letter === undefined) return ''
    const known = ESCAPES[letter]
    if (known === undefined) throw new Mistake(`\\${letter} is no character`)
    return known
  })
}
