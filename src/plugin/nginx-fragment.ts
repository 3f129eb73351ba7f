/** One directive of a fragment, with its block if it has one. */
export interface Statement {
  readonly words: readonly string[]
  /** Offsets into the text. */
  readonly start: number
  readonly end: number
}

export interface Fragment {
  readonly text: string
  /** The directives at the outer level. */
  readonly statements: readonly Statement[]
  /** Why the text cannot stand inside another block: it would end that block, or swallow what follows. */
  readonly fault: { readonly line: number; readonly message: string } | undefined
}

/** A word, or what stands between words, as nginx reads them. */
export interface Token {
  readonly text: string
  readonly at: number
}

/** Without blanks and comments. */
export function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)]
    .filter(([token]) => !/^[\s#]/.test(token))
    .map(({ 0: token, index }) => ({ text: token, at: index }))
}

// nginx reads a quote, a comment and a closing brace as such only where a word begins.
const TOKEN = /\s+|#[^\n]*|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[;{}]|(?:\\[\s\S]|\$\{|[^\s;{\\])+|\\/g

/** Reads the outer directives of a fragment as nginx would. Lua blocks follow other rules: a fragment with one is not judged. */
export function readFragment(text: string): Fragment {
  const statements: Statement[] = []
  const open: number[] = []
  let words: string[] = []
  let start = 0
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  const faulty = (offset: number, message: string): Fragment => ({ text, statements, fault: { line: lineOf(offset), message } })
  const finish = (end: number): void => {
    statements.push({ words, start, end })
    words = []
  }

  if (text.includes('_by_lua_block')) return { text, statements, fault: undefined }
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (/^[\s#]/.test(token)) continue
    if (/^["']/.test(token) && !isClosed(token)) return faulty(index, 'a quote is not closed')
    if (token === '}') {
      if (open.pop() === undefined) return faulty(index, '"}" closes nothing')
      if (open.length === 0) finish(index + 1)
    } else if (token === '{') {
      open.push(index)
    } else if (token === ';') {
      if (open.length === 0) finish(index + 1)
    } else if (open.length === 0) {
      if (words.length === 0) start = index
      words.push(unquoted(token))
    }
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined) return faulty(unclosed, '"{" is not closed')
  if (words.length > 0) return faulty(start, `the directive "${words[0]}" is not ended by ";"`)
  return { text, statements, fault: undefined }
}

/** True when the fragment sets the directive itself; with `argument`, for that first argument (any case). */
export function sets(fragment: Fragment, directive: string, argument?: string): boolean {
  return fragment.statements.some(({ words }) => {
    return words[0] === directive && (argument === undefined || words[1]?.toLowerCase() === argument.toLowerCase())
  })
}

/**
 * The text for a location at `below`, or for an exact location when that is undefined: without the nested locations that
 * nginx would refuse there. The lines keep their numbers.
 */
export function nestedIn(fragment: Fragment, below: string | undefined): string {
  const outside = fragment.statements.filter(({ words }) => words[0] === 'location' && !fits(words, below))
  const { text } = fragment
  let [kept, from] = ['', 0]
  for (const { start, end } of outside) {
    kept += text.slice(from, start) + text.slice(start, end).replace(/[^\n]/g, '')
    from = end
  }
  return kept + text.slice(from)
}

function fits([, first = '', second]: readonly string[], below: string | undefined): boolean {
  if (below === undefined) return false
  const path = second ?? first.replace(/^(?:=|\^~|~\*?)/, '')
  return first.startsWith('~') || path.startsWith(below)
}

function isClosed(token: string): boolean {
  return /^(?:"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*')$/.test(token)
}

/** What a word says. */
export function unquoted(token: string): string {
  return /^["']/.test(token) ? token.slice(1, -1) : token
}
