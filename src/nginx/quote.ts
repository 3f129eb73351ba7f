/**
 * Text that may stand in nginx.conf. Only the functions of this file make it, so a value that was not quoted cannot get
 * in. `unsafe` lists the values that nginx has no way to quote; a text that has any must not be used.
 */
export interface NginxText {
  readonly __brand: 'NginxText'
  readonly lines: readonly Line[]
  readonly unsafe: readonly Unsafe[]
}

export interface Unsafe {
  readonly value: string
  /** The plugin that it comes from, as far as known. */
  readonly plugin: string | undefined
}

interface Line {
  readonly text: string
  /** Not to be indented: it may be the middle of a quoted string of several lines. */
  readonly verbatim: boolean
}

type Value = string | number | NginxText

/** One directive: nginx`server_name ${name};`. Strings are quoted, numbers and NginxText stand as they are. */
export function nginx(parts: TemplateStringsArray, ...values: readonly Value[]): NginxText {
  const text = String.raw({ raw: parts.raw }, ...values.map(asWritten))
  const unsafe = values.flatMap((value) =>
    typeof value === 'string' ? unsafeIn(value) : typeof value === 'number' ? [] : value.unsafe,
  )
  return made([lineOf(text)], unsafe)
}

/** `head { body }`, the body indented. Absent lines are left out. */
export function block(head: NginxText, body: readonly (NginxText | undefined)[]): NginxText {
  const inner = lines(body)
  const indented = inner.lines.map((line) => (line.verbatim || line.text === '' ? line : { ...line, text: `  ${line.text}` }))
  return made([lineOf(`${textOf(head)} {`), ...indented, lineOf('}')], [...head.unsafe, ...inner.unsafe])
}

/** The texts one below the other. Absent ones are left out. */
export function lines(texts: readonly (NginxText | undefined)[]): NginxText {
  const present = texts.filter((text) => text !== undefined)
  return made(
    present.flatMap((text) => text.lines),
    present.flatMap((text) => text.unsafe),
  )
}

/** A name that needs no quotes: letters, digits and `_-.+@`. Also the part of a variable after its `$`. */
export function bare(name: string): NginxText {
  return made([lineOf(name)], /^[\w.+@-]+$/.test(name) ? [] : [{ value: name, plugin: undefined }])
}

/** A variable, where the text after it may begin with a letter. */
export function variable(name: string): NginxText {
  return made([lineOf(`\${${name}}`)], bare(name).unsafe)
}

/** Several quoted words of one directive. */
export function quotedWords(values: readonly string[]): NginxText {
  return made([lineOf(values.map(quoted).join(' '))], values.flatMap(unsafeIn))
}

/** A text inside a regular expression in quotes, where it stands for itself. */
export function literal(text: string): NginxText {
  const escaped = text.replace(/[\\^.*+?()[\]{}|]/g, '\\$&')
  return made([lineOf(escaped.replace(/[\\"]/g, '\\$&'))], unsafeIn(text))
}

/** A text inside a word in quotes that goes on with a variable. */
export function within(text: string): NginxText {
  return made([lineOf(text.replace(/[\\"]/g, '\\$&'))], unsafeIn(text))
}

/** A quoted text of several lines, where nginx reads no variables: in a `geo`. */
export function constant(text: string): NginxText {
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return made([lineOf(`"${escaped}"`)], /[\x00-\x1f\x7f]/.test(escaped) ? [{ value: text, plugin: undefined }] : [])
}

/** The patterns as one, in which each is an alternative. */
export function anyOf(patterns: readonly NginxText[]): NginxText {
  return patterns.reduce((all, one) => nginx`${all}|${one}`)
}

/** A text that its author wrote for nginx.conf, as it is. */
export function verbatim(text: string): NginxText {
  const written = text.replace(/\n$/, '').split('\n')
  return made(
    written.map((line) => ({ text: line, verbatim: true })),
    [],
  )
}

/** A line that nginx ignores. */
export function comment(text: string): NginxText {
  return made([lineOf(`# ${text.replace(/[\x00-\x1f\x7f]/g, ' ')}`)], [])
}

/** The same text, known to come from a plugin. */
export function from(plugin: string, text: NginxText): NginxText {
  return made(
    text.lines,
    text.unsafe.map(({ value }) => ({ value, plugin })),
  )
}

export function textOf(text: NginxText): string {
  return text.lines.map((line) => line.text).join('\n')
}

function asWritten(value: Value): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? quoted(value) : textOf(value)
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`
}

/** nginx has no escape for `$`, and reads none for most control characters. */
function unsafeIn(value: string): readonly Unsafe[] {
  return /[\x00-\x1f\x7f$]/.test(value) ? [{ value, plugin: undefined }] : []
}

function lineOf(text: string): Line {
  return { text, verbatim: false }
}

function made(all: readonly Line[], unsafe: readonly Unsafe[]): NginxText {
  return { lines: all, unsafe } as NginxText
}
