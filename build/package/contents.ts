import { type Entry, type FileEntry, textFile } from './entries.ts'

/** A file that git keeps. */
export interface TrackedFile {
  readonly path: string
  /** Where a link leads; undefined of a file. */
  readonly to?: string
  readonly executable: boolean
}

/** What mfserv reads while it runs, and the pages that tell how to use it. */
const TAKEN: readonly RegExp[] = [
  /^(bin|share|templates|python|python2|opt)\//,
  /^README\.md$/,
  /^docs\/(reference\/.*|how-it-works|bring-an-application)(\.md)?$/,
]
/** Only for those who work on mfserv; the first is for a clone. */
const LEFT_OUT: readonly RegExp[] = [/^share\/install$/, /^python2?\/[^/]+\.in$/]

/** The entries of the files of a clone that go into a package. `home`: where the clone is. */
export function ownEntries(tracked: readonly TrackedFile[], home: string): readonly Entry[] {
  return tracked.filter(({ path }) => matches(TAKEN, path) && !matches(LEFT_OUT, path)).map((file) => entryOf(file, home))
}

export function entryOf({ path, to, executable }: TrackedFile, home: string): Entry {
  return to === undefined ? { is: 'file', path, executable, from: { file: `${home}/${path}` } } : { is: 'link', path, to }
}

function matches(patterns: readonly RegExp[], path: string): boolean {
  return patterns.some((pattern) => pattern.test(path))
}

/**
 * In each directory with Python modules an empty file in the place of the directory of their bytecode: Python then keeps none,
 * also where root runs it. So nothing is ever written among the files of a package, and nothing is left there when it is removed.
 */
export function withoutBytecode(entries: readonly Entry[]): readonly FileEntry[] {
  const files = entries.filter(({ is }) => is === 'file')
  const directories = new Set(files.flatMap(({ path }) => /^(.*)\/[^/]+\.py$/.exec(path)?.[1] ?? []))
  return [...directories].filter((path) => !path.startsWith('templates/')).map((path) => textFile(`${path}/__pycache__`, ''))
}

/** The commands that people type. Those that begin with _ are called by the Makefile of a plugin. */
export function commandsOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ path }) => /^bin\/([^_/][^/]*)$/.exec(path)?.[1] ?? []).sort()
}

/** npm puts no links into a package, so each command is a copy of the launcher there: its name says which it is. */
export function withoutLinks(entries: readonly Entry[]): readonly FileEntry[] {
  const files = new Map(entries.flatMap((entry) => (entry.is === 'file' ? [[entry.path, entry] as const] : [])))
  return entries.map((entry) => {
    if (entry.is === 'file') return entry
    const target = files.get(entry.path.replace(/[^/]+$/, entry.to))
    if (target === undefined) throw new Error(`${entry.path} leads to ${entry.to}, which is no file of the package`)
    return { ...target, path: entry.path }
  })
}
