import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Milliseconds by test file, relative to the clone. */
export type Durations = Readonly<Record<string, number>>

/** Empty when there was no run before, or when the file is not what a run writes. */
export function readDurations(path: string): Durations {
  if (!existsSync(path)) return {}
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof read === 'object' && read !== null
      ? Object.fromEntries(Object.entries(read).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
      : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** Those of files that did not run this time stay. */
export function writeDurations(path: string, before: Durations, now: Durations): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ ...before, ...now }, null, 1)}\n`)
}

/**
 * The longest first, so that none is left alone at the end: by how long they took last. A file that nobody has timed comes at
 * once when it is one of `longest`, and else behind those that take a second or more, as most new ones are short.
 */
export function longestFirst(files: readonly string[], took: Durations, longest: readonly string[]): readonly string[] {
  const weight = (file: string): number => {
    const place = longest.indexOf(file)
    return took[file] ?? (place < 0 ? 1000 : (longest.length - place) * 1_000_000)
  }
  return [...files].sort((one, other) => weight(other) - weight(one) || (one < other ? -1 : 1))
}
