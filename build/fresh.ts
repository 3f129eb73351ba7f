import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What build/bundle.ts writes down in `dist/built.json`. */
export interface Built {
  /** The directory of the bundle in `dist/`. */
  readonly slot: string
  /** What `sourceCode` of src/host/module/running-code.ts says of all sources. Not where mfserv comes without them. */
  readonly code?: string
  /** What each of its files is made of. Nothing where mfserv comes without its sources. */
  readonly quick: readonly Source[]
  readonly look: readonly Source[]
  readonly rest: readonly Source[]
}

/** A file, relative to mfserv, and how it looked. */
export type Source = readonly [file: string, size: number, mtimeMs: number]

/** Both in `build/` and in `dist/`, where this becomes a part of two files. */
export const HOME = join(import.meta.dirname, '..')
export const SOURCES = join(HOME, 'src/cli/main.ts')

export function readBuilt(): Built {
  return JSON.parse(readFileSync(join(HOME, 'dist/built.json'), 'utf8'))
}

/** An edited file counts at once: then mfserv runs from its sources, only slower, until the next `make`. */
export function areAsTheyWere(sources: readonly Source[]): boolean {
  return sources.every(([file, size, mtimeMs]) => {
    // Each command asks this of hundreds of files: `join` would be half of its time.
    const found = statSync(`${HOME}/${file}`, { throwIfNoEntry: false })
    return found !== undefined && found.size === size && found.mtimeMs === mtimeMs
  })
}
