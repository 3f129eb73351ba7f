import { isJsonObject, type JsonObject, readJsonObject } from '../plugin/json-object.ts'

/** The directory of an application as far as it is looked at. Paths are relative to it, with `/` between their parts. */
export interface AppTree {
  /** Every file within the bounds of the reader, those at the top first. */
  readonly files: ReadonlySet<string>
  /** Files that may be run, of those. */
  readonly executables: ReadonlySet<string>
  /** The lines of the beginning of a file; none where there is none that can be read. */
  readonly lines: (path: string) => readonly string[]
}

/** What a file says, and where. */
export interface Line {
  readonly text: string
  /** `app.py:4` */
  readonly place: string
  /** The first two groups of the pattern that found it; empty where it has none. */
  readonly first: string
  readonly second: string
}

/** A line that is longer was not written by a person, and would only cost time. */
export const LONGEST_LINE = 500
export const LONGEST_SHOWN = 100

/** The lines of a file that a pattern fits. The patterns are short and ours, the lines anybody's. */
export function linesLike(tree: AppTree, path: string, pattern: RegExp): readonly Line[] {
  return tree.lines(path).flatMap((line, index) => {
    const found = line.length > LONGEST_LINE ? null : pattern.exec(line.trimEnd())
    if (found === null) return []
    const [, first = '', second = ''] = found
    return [{ text: line.trim().slice(0, LONGEST_SHOWN), place: `${path}:${index + 1}`, first, second }]
  })
}

export function firstLineLike(tree: AppTree, path: string, pattern: RegExp): Line | undefined {
  return linesLike(tree, path, pattern)[0]
}

/** The first line that the pattern fits in these files. */
export function firstLineOf(tree: AppTree, paths: readonly string[], pattern: RegExp): Line | undefined {
  return paths.flatMap((path) => linesLike(tree, path, pattern))[0]
}

/** The first of these files that is there. */
export function firstOf(tree: AppTree, paths: readonly string[]): string | undefined {
  return paths.find((path) => tree.files.has(path))
}

/** Whether there is a file in that directory, or below it. */
export function hasDirectory(tree: AppTree, directory: string): boolean {
  return [...tree.files].some((file) => file.startsWith(`${directory}/`))
}

/** Of a long file only the beginning is known: it cannot be judged as a whole. */
export function isWhole(text: string): boolean {
  return text.length <= LONGEST_WHOLE
}

/** A character has at most 3 bytes for each unit of its length, and the reader takes 256 KiB: a third of them. */
const LONGEST_WHOLE = 87_381

/** The same tree, seen from a directory of it. */
export function below(tree: AppTree, directory: string): AppTree {
  const prefix = `${directory}/`
  const inside = (paths: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...paths].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)))
  return { files: inside(tree.files), executables: inside(tree.executables), lines: (path) => tree.lines(prefix + path) }
}

/** `a/b` of `a/b/c.py`, nothing for a file at the top. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function depthOf(path: string): number {
  return path.split('/').length
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A JSON file whose outermost value is an object; undefined for anything else: what is broken or cut off says nothing. */
export function jsonObject(tree: AppTree, path: string): JsonObject | undefined {
  const read = readJsonObject(tree.lines(path).join('\n'))
  return 'value' in read ? read.value : undefined
}

/** The value of a key that is an object itself, otherwise an empty one. */
export function objectIn(object: JsonObject | undefined, name: string): JsonObject {
  const value = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
  return isJsonObject(value) ? value : {}
}

/** The value of a key that is a text. */
export function textIn(object: JsonObject | undefined, name: string): string | undefined {
  const value = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'string' ? value : undefined
}
