import { comment } from '../../config/edit/comment.ts'
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

function section(name: string, values: Readonly<Record<string, string>>): string {
  const free = new Map(Object.entries(values))
  const lines = Object.values(tableOf(name) ?? {}).flatMap(({ documented = '', doc }) => {
    const value = free.get(documented)
    free.delete(documented)
    return value === undefined ? [] : [`${comment(doc)}\n${line(documented, value)}`]
  })
  return `[${name}]\n${[...lines, ...[...free].map(([key, value]) => line(key, value))].join('\n\n')}`
}

/** A value of several lines goes on indented, as the reader expects. */
export function line(key: string, value: string): string {
  return `${key}=${value.trim().replaceAll(/\s*\n\s*/g, '\n    ')}`
}
