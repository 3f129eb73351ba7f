/** Something in a package, by its path there. */
export type Entry = FileEntry | LinkEntry

export interface FileEntry {
  readonly is: 'file'
  readonly path: string
  readonly executable: boolean
  readonly from: FileSource
}

export interface LinkEntry {
  readonly is: 'link'
  readonly path: string
  readonly to: string
}

/** A file of this machine, or a text. */
export type FileSource = { readonly file: string } | { readonly text: string }

export interface DirectoryEntry {
  readonly is: 'directory'
  readonly path: string
}

export function textFile(path: string, text: string, executable = false): FileEntry {
  return { is: 'file', path, executable, from: { text } }
}

/** The same below another directory. */
export function below<E extends Entry>(directory: string, entries: readonly E[]): readonly E[] {
  return entries.map((entry) => ({ ...entry, path: `${directory}/${entry.path}` }))
}

/** With the directories that they are in, each before what is in it, in an order that no machine has a part in. */
export function inOrder(entries: readonly Entry[]): readonly (Entry | DirectoryEntry)[] {
  const paths = new Set<string>()
  for (const { path } of entries) {
    if (paths.has(path)) throw new Error(`${path} would be twice in the package`)
    paths.add(path)
  }
  const directories = new Set(entries.flatMap(({ path }) => ancestorsOf(path)))
  const all = [...entries, ...[...directories].map((path): DirectoryEntry => ({ is: 'directory', path }))]
  return all.sort((one, other) => (one.path < other.path ? -1 : 1))
}

function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
}
