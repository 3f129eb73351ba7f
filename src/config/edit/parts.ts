import type { IniEntry } from '../ini.ts'

/** A name of a file beside a config.ini. */
export function isFileBeside(name: string): boolean {
  return NAME.test(name)
}

/** Names of files beside a config.ini that it takes something from. Never a path: it could lead anywhere. */
const NAME = /^[A-Za-z0-9_][\w.-]*$/

/** What `[INCLUDE_config.ini]` of the original stands for: the built-in values. */
export const BUILT_IN_FILE = 'config.ini'

/** The files that sections `[INCLUDE_<file>]` name, the built-in one left out. */
export function includesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/^[ \t]*\[[ \t]*INCLUDE_([^\]\r\n]*)\]/gm)].map(([, name = '']) => name.trim())
  return [...new Set(names)].filter((name) => name !== BUILT_IN_FILE && NAME.test(name))
}

/** The files that values `~~~<file>~~~` name, and those of `error_page`. */
export function textFilesIn(text: string): readonly string[] {
  const values = [...text.matchAll(/=[ \t]*~~~([^~\r\n]*)~~~[ \t]*$/gm)]
  const pages = [...text.matchAll(/^[ \t]*error_page(?:\[\w+\])?[ \t]*=[ \t]*([^\s;#]+)[ \t]*$/gm)]
  const names = [...values, ...pages].map(([, name = '']) => name.trim())
  return [...new Set(names)].filter((name) => NAME.test(name))
}

/** The file that a value stands for as a whole; undefined for any other value. */
export function textFileOf({ text }: Pick<IniEntry, 'text'>): string | undefined {
  return /^~~~([^~\n]*)~~~$/.exec(text)?.[1]?.trim()
}

/** One line of a value: lines become parts of a list. */
export function asValue(text: string): string {
  return text
    .trim()
    .split(/\r\n|\r|\n/)
    .join(';')
}
