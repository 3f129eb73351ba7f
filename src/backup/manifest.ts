/** What a backup says of itself; it stands last in it, because it has the checksum of everything before. */
export interface Manifest {
  readonly format: number
  /** The version of the mfserv that wrote it, and of its state. */
  readonly mfserv: string
  readonly state: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly home: string
  readonly host: string
  readonly keys: boolean
  readonly data: boolean
  /** Plugins that were served from their sources, which are not in here. */
  readonly development: readonly { readonly name: string; readonly sources: string }[]
  /** What was left out or may not be whole, for people. */
  readonly notes: readonly string[]
  readonly files: Readonly<Record<string, Member>>
  readonly links: Readonly<Record<string, string>>
  readonly directories: readonly string[]
}

export interface Member {
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** What was found in an archive. */
export interface Found {
  readonly files: ReadonlyMap<string, Member>
  readonly links: ReadonlyMap<string, string>
  readonly directories: ReadonlySet<string>
}

export const FORMAT = 1

/** Reads it; a text says why it cannot be read. */
export function parseManifest(text: string): Manifest | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'its manifest is no JSON'
  }
  if (typeof value !== 'object' || value === null) return 'its manifest is no object'
  const { format } = value as { readonly format?: unknown }
  if (typeof format === 'number' && format > FORMAT) return `it has the format ${format}, which only a newer mfserv knows`
  return isManifest(value) ? value : 'its manifest lacks what every manifest has'
}

/** Why what was found is not what the manifest says; undefined when it is. */
export function whyNotWhole(manifest: Manifest, found: Found): string | undefined {
  const files = Object.entries(manifest.files)
  const missing = files.find(([path]) => !found.files.has(path))
  if (missing !== undefined) return `${JSON.stringify(missing[0])} is missing in it`
  const other = files.find(([path, { size, sha256 }]) => {
    const one = found.files.get(path)
    return one?.size !== size || one.sha256 !== sha256
  })
  if (other !== undefined) return `${JSON.stringify(other[0])} is not what it was: its checksum does not fit`
  const links = Object.entries(manifest.links)
  const moved = links.find(([path, target]) => found.links.get(path) !== target)
  if (moved !== undefined) return `the link ${JSON.stringify(moved[0])} is missing in it, or leads elsewhere`
  const absent = manifest.directories.find((path) => !found.directories.has(path))
  if (absent !== undefined) return `the directory ${JSON.stringify(absent)} is missing in it`
  const isMore =
    found.files.size > files.length || found.links.size > links.length || found.directories.size > manifest.directories.length
  return isMore ? 'there is more in it than its manifest says' : undefined
}

function isManifest(value: object): value is Manifest {
  const one = value as Readonly<Record<string, unknown>>
  const texts = ['mfserv', 'createdAt', 'home', 'host'].every((key) => typeof one[key] === 'string')
  const numbers = ['format', 'state'].every((key) => typeof one[key] === 'number')
  const flags = ['keys', 'data'].every((key) => typeof one[key] === 'boolean')
  const lists = ['development', 'notes', 'directories'].every((key) => Array.isArray(one[key]))
  return (
    texts &&
    numbers &&
    flags &&
    lists &&
    isTable(one['files'], isMember) &&
    isTable(one['links'], (link) => typeof link === 'string')
  )
}

function isTable(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isOne)
}

function isMember(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('size' in value) || !('sha256' in value)) return false
  return typeof value.size === 'number' && typeof value.sha256 === 'string'
}
