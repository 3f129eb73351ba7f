/** What a name stands for; undefined when nothing has it. */
export type Lookup = (name: string) => string | undefined

export type Value = { readonly is: 'value'; readonly value: string | boolean } | { readonly is: 'unknown'; readonly name: string }

/** Undefined when the text is no expression that is known here: `NAME`, a text in quotes, a number, comparisons, filters. */
export function evaluate(text: string, lookup: Lookup): Value | undefined {
  const tokens = text.length > LONGEST ? undefined : tokensOf(text)
  if (tokens === undefined || tokens.length === 0) return undefined
  const reader: Reader = { tokens, at: 0, lookup }
  const value = either(reader)
  return reader.at === tokens.length ? value : undefined
}

/** Longer than what a person writes, and short enough for one call inside the other. */
const LONGEST = 500

export function isTrue(value: string | boolean): boolean {
  return value !== false && value !== ''
}

interface Reader {
  readonly tokens: readonly string[]
  readonly lookup: Lookup
  at: number
}

const TOKEN = /\s+|"[^"\n]*"|'[^'\n]*'|==|!=|[()|,]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d+/gy

function tokensOf(text: string): readonly string[] | undefined {
  const found = [...text.matchAll(TOKEN)].map(([token]) => token)
  return found.join('') === text ? found.filter((token) => token.trim() !== '') : undefined
}

function next(reader: Reader, ...wanted: readonly string[]): boolean {
  const isNext = wanted.every((word, index) => reader.tokens[reader.at + index] === word)
  if (isNext) reader.at += wanted.length
  return isNext
}

/** Nothing where there are no more. */
function taken(reader: Reader): string {
  const [token = ''] = reader.tokens.slice(reader.at)
  reader.at += 1
  return token
}

function either(reader: Reader): Value | undefined {
  let left = both(reader)
  while (left !== undefined && next(reader, 'or')) {
    const right = both(reader)
    left = right && (holds(left) ? left : right)
  }
  return left
}

function both(reader: Reader): Value | undefined {
  let left = negated(reader)
  while (left !== undefined && next(reader, 'and')) {
    const right = negated(reader)
    left = right && (holds(left) ? right : left)
  }
  return left
}

/** What nothing has is as good as false, as in Jinja. */
function holds(value: Value): boolean {
  return value.is === 'value' && isTrue(value.value)
}

function negated(reader: Reader): Value | undefined {
  if (!next(reader, 'not')) return compared(reader)
  const value = negated(reader)
  return value && known(!holds(value))
}

function compared(reader: Reader): Value | undefined {
  const left = filtered(reader)
  if (left === undefined) return undefined
  if (next(reader, 'is', 'not', 'defined')) return known(left.is === 'unknown')
  if (next(reader, 'is', 'defined')) return known(left.is === 'value')
  const isEqual = next(reader, '==')
  if (!isEqual && !next(reader, '!=')) return left
  const right = filtered(reader)
  if (left.is === 'unknown' || right?.is !== 'value') return left.is === 'unknown' ? left : right
  return known((left.value === right.value) === isEqual)
}

function filtered(reader: Reader): Value | undefined {
  let value = primary(reader)
  while (value !== undefined && next(reader, '|')) value = throughFilter(value, reader)
  return value
}

function throughFilter(value: Value, reader: Reader): Value | undefined {
  if (next(reader, 'default') || next(reader, 'd')) {
    if (!next(reader, '(')) return undefined
    const fallback = primary(reader)
    // `default(x, true)` also takes the place of nothing.
    const whenEmpty = next(reader, ',', 'true') || next(reader, ',', 'True')
    if (!next(reader, ')')) return undefined
    return value.is === 'unknown' || (whenEmpty && !isTrue(value.value)) ? fallback : value
  }
  const change = FILTERS.get(taken(reader))
  if (change === undefined) return undefined
  return value.is === 'value' ? known(change(String(value.value))) : value
}

const FILTERS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['lower', (text) => text.toLowerCase()],
  ['upper', (text) => text.toUpperCase()],
  ['trim', (text) => text.trim()],
  ['int', (text) => String(Number.parseInt(text, 10) || 0)],
  ['string', (text) => text],
])

function primary(reader: Reader): Value | undefined {
  if (next(reader, '(')) {
    const inside = either(reader)
    return next(reader, ')') ? inside : undefined
  }
  if (next(reader, 'getenv', '(') || next(reader, 'environ', '(')) {
    const name = primary(reader)
    return name?.is === 'value' && next(reader, ')') ? named(String(name.value), reader.lookup) : undefined
  }
  const token = taken(reader)
  if (/^["']/.test(token)) return known(token.slice(1, -1))
  if (/^\d/.test(token)) return known(token)
  if (/^(true|false)$/i.test(token)) return known(token.toLowerCase() === 'true')
  return /^[A-Za-z_]/.test(token) && !KEYWORDS.has(token) ? named(token, reader.lookup) : undefined
}

const KEYWORDS = new Set(['and', 'or', 'not', 'is', 'in', 'if', 'else', 'defined'])

function named(name: string, lookup: Lookup): Value {
  const value = lookup(name)
  return value === undefined ? { is: 'unknown', name } : known(value)
}

function known(value: string | boolean): Value {
  return { is: 'value', value }
}
