import { evaluate, isTrue, type Lookup } from '../../config/names/expression.ts'
import { oldName, presentName } from '../../config/names/old-names.ts'
import { didYouMean } from '../../config/nearest.ts'
import type { Variables } from '../../config/variables.ts'
import { Problem, type ProblemCode } from '../../problem.ts'

/** What the fragments of a plugin may name. */
export interface FragmentValues {
  readonly variables: Variables
  /** Names with a dot, such as `PLUGIN.name`. */
  readonly dotted: Variables
}

/** What the fragments of one plugin are read with. */
export interface FragmentNames {
  readonly name: string
  readonly values: () => Variables
}

export function fragmentValues({ name, values }: FragmentNames, app?: string): FragmentValues {
  const ofApp = app === undefined ? {} : { 'APP.name': app, 'APP.app_name': app }
  return { variables: values(), dotted: { 'PLUGIN.name': name, ...ofApp } }
}

/** To look for the nearest name takes longer than all the rest. */
const MOST_HINTS = 50

export interface Filled {
  readonly text: string
  readonly problems: readonly Problem[]
}

type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'value'; readonly written: string; readonly inside: string; readonly line: number }
  | { readonly is: 'tag'; readonly written: string; readonly word: string; readonly rest: string; readonly line: number }

const PIECE = /\{\{([^{}\n]*)\}\}|\{%-?[ \t]*([a-z]+)\b([^%\n]*)%\}|^[ \t]*\{#[^#]*#\}/gm
const END_OF_RAW = /\{%-?[ \t]*endraw[ \t]*-?%\}/g

/**
 * The text of a fragment with its `{{NAME}}` replaced, and of `{% if … %}` what counts. Braces in which no such thing stands are
 * nginx's own and stay, and so does a name that nothing has. The lines keep their numbers.
 */
export function fillFragment(file: string, text: string, values: () => FragmentValues): Filled {
  if (!/\{[{%#]/.test(text)) return { text, problems: [] }
  const problems: Problem[] = []
  const report: Report = (line, message, fix, code = 'NGINX_UNSAFE_VALUE') => {
    problems.push(new Problem(code, message, fix, { file, line }))
  }
  const { variables, dotted } = values()
  const lookup: Lookup = (name) => ownValue(dotted, name) ?? ownValue(variables, name) ?? ownValue(variables, presentName(name))
  const open: Condition[] = []
  const parts = piecesOf(text).map((piece): string => {
    const isShown = open.every(({ counts }) => counts)
    if (piece.is === 'text') return isShown ? piece.text : newlines(piece.text)
    if (piece.is === 'tag') return byTag(piece, open, lookup, report) ? newlines(piece.written) : piece.written
    if (!isShown) return ''
    const value = evaluate(piece.inside, lookup)
    if (value?.is === 'value') {
      const name = piece.inside.trim()
      const now = presentName(name)
      if (now !== name) problems.push(oldName(name, now, { file, line: piece.line }))
      return String(value.value)
    }
    if (value !== undefined) {
      const hint = problems.length < MOST_HINTS ? didYouMean(value.name, Object.keys(variables)) : ''
      const fix = `${hint}Name a variable of the environment. Braces that are meant stand between {% raw %} and {% endraw %}.`
      const message = `there is no variable ${value.name}, so ${piece.written} stays as it is`
      report(piece.line, message, fix, 'NGINX_UNKNOWN_VARIABLE')
    }
    return piece.written
  })
  for (const { line } of open) report(line, '{% if %} is not closed', 'Write {% endif %} where it ends.')
  return { text: parts.join(''), problems }
}

interface Condition {
  readonly line: number
  /** Whether what stands now below it is shown. */
  counts: boolean
  /** Whether a part of it was shown. */
  wasShown: boolean
}

type Report = (line: number, message: string, fix: string, code?: ProblemCode) => void
type Tag = Extract<Piece, { readonly is: 'tag' }>

/** False for a tag that stays in the text. */
function byTag({ word, rest, line, written }: Tag, open: Condition[], lookup: Lookup, report: Report): boolean {
  const current = open.at(-1)
  if (word === 'if') {
    const holds = conditionHolds(rest, line, lookup, report)
    open.push({ line, counts: holds, wasShown: holds })
  } else if (word === 'elif' && current !== undefined) {
    const holds = conditionHolds(rest, line, lookup, report)
    Object.assign(current, { counts: holds && !current.wasShown, wasShown: holds || current.wasShown })
  } else if (word === 'else' && current !== undefined) {
    Object.assign(current, { counts: !current.wasShown, wasShown: true })
  } else if (word === 'endif' && current !== undefined) {
    open.pop()
  } else {
    const fix = 'Of the tags of Jinja there are {% if %}, {% elif %}, {% else %}, {% endif %} and {% raw %}.'
    report(line, `${written.trim()} is not known here`, fix)
    return false
  }
  return true
}

function conditionHolds(text: string, line: number, lookup: Lookup, report: Report): boolean {
  const value = evaluate(text, lookup)
  const fix = 'Write {% if NAME == "1" %}, {% if NAME %} or {% if not NAME %}.'
  if (value === undefined) report(line, `cannot read the condition "${text.trim()}"`, fix)
  return value?.is === 'value' && isTrue(value.value)
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  const ends = [...text.matchAll(END_OF_RAW)].toReversed()
  let at = 0
  let line = 1
  const plain = (part: string): void => {
    pieces.push({ is: 'text', text: part })
    line += newlines(part).length
  }
  for (const found of text.matchAll(PIECE)) {
    // Inside what is raw.
    if (found.index < at) continue
    const [written, inside, word, rest = ''] = found
    plain(text.slice(at, found.index))
    at = found.index + written.length
    while ((ends.at(-1)?.index ?? at) < at) ends.pop()
    const end = word === 'raw' ? ends.pop() : undefined
    if (end !== undefined) {
      plain(text.slice(at, end.index))
      at = end.index + end[0].length
    } else if (inside !== undefined) pieces.push({ is: 'value', written, inside, line })
    else if (word !== undefined) pieces.push({ is: 'tag', written, word, rest: rest.replace(/-$/, ''), line })
    else plain(newlines(written))
  }
  plain(text.slice(at))
  return pieces
}

function newlines(text: string): string {
  return text.replaceAll(/[^\n]/g, '')
}

function ownValue(values: Variables, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
