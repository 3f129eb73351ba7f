import { parse, type TomlTable as ReadTable, TomlDate, TomlError, type TomlValue } from 'smol-toml'

/** What stands in a TOML file. Dates are texts. */
export type Toml = string | number | boolean | readonly Toml[] | TomlTable
export interface TomlTable {
  readonly [key: string]: Toml
}

export interface TomlMistake {
  readonly mistake: string
  readonly line: number
}

/** A hostile file may open brackets, or write keys with dots, without end. */
const DEEPEST = 100

class TooDeep extends Error {}

/** Reads TOML, or says the first mistake with its line. Of numbers that are too long the first digits count. */
export function readToml(text: string): { readonly table: TomlTable } | TomlMistake {
  try {
    // Editors of Windows write a mark in front.
    const table = parse(text.replace(/^\uFEFF/, ''), { maxDepth: DEEPEST, integersAsBigInt: 'asNeeded' })
    return { table: tableOf(table, 0) }
  } catch (error) {
    if (error instanceof TooDeep) return { mistake: error.message, line: lineOfDeepest(text) }
    if (!(error instanceof TomlError)) throw error
    const [first = ''] = error.message.split('\n')
    return { mistake: first.replace('Invalid TOML document: ', ''), line: error.line }
  }
}

/** Without a prototype: a key may have any name. */
function tableOf(table: ReadTable, depth: number): TomlTable {
  if (depth > DEEPEST) throw new TooDeep(`more than ${DEEPEST} tables are inside each other`)
  const copied = Object.create(null) as Record<string, Toml>
  for (const [key, value] of Object.entries(table)) copied[key] = tomlOf(value, depth)
  return copied
}

function tomlOf(value: TomlValue, depth: number): Toml {
  if (Array.isArray(value)) return value.map((one) => tomlOf(one, depth))
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object') return value
  if (isTable(value)) return tableOf(value, depth + 1)
  return value instanceof TomlDate ? value.toISOString() : value.toString()
}

/** Only keys with dots lead deeper than the library goes. */
function lineOfDeepest(text: string): number {
  return (
    1 +
    Math.max(
      0,
      text.split('\n').findIndex((line) => line.split('.').length > DEEPEST + 1),
    )
  )
}

/** Whatever else is an object is a date or a time. */
function isTable(value: object): value is ReadTable {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
