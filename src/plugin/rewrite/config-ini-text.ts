import type { Table } from '../key.ts'
import { tableOf } from '../keys.ts'

/** What a config.ini should say: the keys that are given are the ones that are written. */
export interface ConfigIniInput {
  readonly general: Readonly<Record<string, string>>
  readonly sections: readonly { readonly name: string; readonly values: Readonly<Record<string, string>> }[]
}

/** A config.ini in the documented dialect: each key below its documentation, in the order of the reference page. */
export function configIni({ general, sections }: ConfigIniInput): string {
  const all = [{ name: 'general', values: general }, ...sections]
  return `${all.map(({ name, values }) => section(name, values)).join('\n\n')}\n`
}

/** What templates write for each key of a table that has such a value, by its documented name. */
export function templateValues(table: Table): Readonly<Record<string, string>> {
  const named = Object.values(table).flatMap(({ documented, template }) =>
    documented === undefined || template === undefined ? [] : [[documented, template] as const],
  )
  return Object.fromEntries(named)
}

const COMMENT_WIDTH = 78

function section(name: string, values: Readonly<Record<string, string>>): string {
  const known = Object.values(tableOf(name) ?? {}).flatMap(({ documented, doc }) =>
    documented === undefined ? [] : [[documented, doc] as const],
  )
  const documented = new Set(known.map(([key]) => key))
  const written = known.filter(([key]) => Object.hasOwn(values, key))
  const free = Object.keys(values).filter((key) => !documented.has(key))
  const lines = [
    ...written.map(([key, doc]) => `${comment(doc)}\n${line(key, values[key] ?? '')}`),
    ...free.map((key) => line(key, values[key] ?? '')),
  ]
  return `[${name}]\n${lines.join('\n\n')}`
}

/** A value of several lines goes on indented, as the reader expects. */
export function line(key: string, value: string): string {
  return `${key}=${value.trim().replaceAll(/\s*\n\s*/g, '\n    ')}`
}

/** In lines of readable length, each with a `#`. */
export function comment(doc: string): string {
  const lines = ['#']
  for (const word of doc.split(' ')) {
    const current = lines.at(-1) ?? ''
    if (current !== '#' && current.length + word.length + 1 > COMMENT_WIDTH) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${current} ${word}`
  }
  return lines.join('\n')
}
