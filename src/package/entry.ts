import { Problem, type Where } from '../problem.ts'
import type { Bounds } from './bounds.ts'
import { ROOT } from './generated.ts'
import { followLinks, type LinkEnd } from './links.ts'

/** One entry of an archive, as it is written there. */
export interface RawEntry {
  readonly name: string
  /** Undefined for a kind that no archive of ours has. */
  readonly type: string | undefined
  readonly mode: number
  readonly size: number
  readonly target: string | undefined
}

/** An entry that may be unpacked. `path` is relative to the plugin; '' is the root. */
export type SafeEntry =
  | { readonly is: 'directory'; readonly path: string }
  | { readonly is: 'file'; readonly path: string; readonly size: number; readonly executable: boolean }
  | { readonly is: 'link'; readonly path: string; readonly target: string }

/** Looks at the entries of one archive, one after the other, and remembers what it saw. */
export interface Gate {
  /** The entry if it is safe beside those before it. */
  readonly admit: (entry: RawEntry) => SafeEntry | Problem
  /** What only shows when all entries are known: every link that leaves the plugin. */
  readonly close: () => readonly Problem[]
}

/** `where`: the archive. */
export function newGate(bounds: Bounds, where: Where): Gate {
  const refuse = (name: string, why: string): Problem => unsafe(`${JSON.stringify(name)} ${why}`, where)
  const tooMany = unsafe(`it has more than ${bounds.entries} entries, with the directories that they are in`, where)
  const links = new Map<string, string>()
  const tree = newTree()
  let [entries, bytes] = [0, 0]
  const admit = (raw: RawEntry): SafeEntry | Problem => {
    entries += 1
    bytes += raw.size
    if (entries > bounds.entries) return tooMany
    const path = pathOf(raw)
    if (typeof path !== 'string') return refuse(raw.name, path.refused)
    if (bytes > bounds.bytes) return refuse(raw.name, `makes it larger than the ${bounds.bytes} bytes that its size allows`)
    const entry = kindOf(raw, path)
    if ('refused' in entry) return refuse(raw.name, entry.refused)
    const taken = tree.add(path, entry.is)
    if (taken !== undefined) return refuse(raw.name, taken)
    if (tree.size() > bounds.entries) return tooMany
    if (entry.is === 'link') links.set(path, entry.target)
    return entry
  }
  const close = (): readonly Problem[] => strayLinks(links).map(({ path, why }) => refuse(`${ROOT}/${path}`, why))
  return { admit, close }
}

/** Every link of a tree that does not end in it, with the reason. */
export function strayLinks(links: ReadonlyMap<string, string>): readonly { readonly path: string; readonly why: string }[] {
  return [...followLinks(links)].flatMap(([path, end]) =>
    end === 'inside' ? [] : [{ path, why: `is a link to ${JSON.stringify(links.get(path))}, ${ENDS[end]}` }],
  )
}

const ENDS: Readonly<Record<Exclude<LinkEnd, 'inside'>, string>> = {
  outside: 'outside of the plugin',
  circle: 'which leads in a circle',
  far: 'which leads through more links than the system follows',
}

interface Refused {
  readonly refused: string
}

/** The path in the plugin that a name in the archive means. */
function pathOf({ name, type }: RawEntry): string | Refused {
  const why = badName(name)
  if (why !== undefined) return { refused: why }
  const parts = (type === 'directory' ? name.replace(/\/+$/, '') : name).replace(/^(\.\/)+/, '').split('/')
  if (parts.some((part) => part === '' || part === '.')) return { refused: 'is no plain path' }
  if (parts[0] !== ROOT) return { refused: `is not in ${ROOT}/` }
  return parts.slice(1).join('/')
}

/** In bytes, as the file systems count: a letter may have up to four. */
const LONGEST_PART = 255
const LONGEST_NAME = 2048
const LONGEST_TARGET = 1024
/** What a file is in, one in the other. To look at a deep name takes as long as to look at as many entries. */
const MOST_DIRECTORIES = 100
/** Control characters, those that turn the direction of a text, and what is put for bytes that are no UTF-8. */
const UNPRINTABLE =
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])/

/** Why a name cannot be taken over to a disk; undefined when it can. */
export function badName(name: string): string | undefined {
  if (UNPRINTABLE.test(name)) return 'has control characters or invalid UTF-8 in its name'
  if (name.startsWith('/')) return 'is an absolute path'
  const parts = name.split('/')
  if (parts.includes('..')) return 'has .. in its path'
  if (bytesOf(name) > LONGEST_NAME || parts.some((part) => bytesOf(part) > LONGEST_PART)) return 'has a name that is too long'
  if (parts.length > MOST_DIRECTORIES + 1) return `is in more than ${MOST_DIRECTORIES} directories`
  return undefined
}

/** Why a link cannot be taken over to a disk; undefined when it can. */
export function badTarget(target: string): string | undefined {
  if (target === '' || UNPRINTABLE.test(target)) return 'is a link to no readable path'
  if (bytesOf(target) > LONGEST_TARGET) return `is a link to a path of more than ${LONGEST_TARGET} bytes`
  return undefined
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}

function kindOf({ type, mode, size, target }: RawEntry, path: string): SafeEntry | Refused {
  if ((mode & 0o7000) !== 0) return { refused: 'has a setuid, setgid or sticky bit' }
  if (!Number.isSafeInteger(size) || size < 0) return { refused: 'has no readable size' }
  switch (type) {
    case 'directory':
      return { is: 'directory', path }
    case 'file':
    case 'contiguous-file':
      if (path === '') return { refused: 'is a file where the plugin should be' }
      return { is: 'file', path, size, executable: (mode & 0o111) !== 0 }
    case 'symlink':
      if (path === '') return { refused: 'is a link where the plugin should be' }
      return linkTo(path, target)
    case 'link':
      return { refused: 'is a hard link' }
    case 'character-device':
    case 'block-device':
      return { refused: 'is a device' }
    case 'fifo':
      return { refused: 'is a pipe' }
    default:
      return { refused: 'is neither a file, a directory nor a link' }
  }
}

function linkTo(path: string, target = ''): SafeEntry | Refused {
  const why = badTarget(target)
  return why === undefined ? { is: 'link', path, target } : { refused: why }
}

/** A file, link or directory by the name it has in its directory. */
interface Branch {
  readonly id: number
  readonly name: string
  readonly is: SafeEntry['is']
  /** A directory that is only known from what is in it. */
  readonly implied: boolean
}

/** The tree that grows from paths, told by their spelling without case: some systems know no other. */
export function newTree() {
  let root: Branch = { id: 0, name: '', is: 'directory', implied: true }
  /** By the directory and the name. Whole paths for keys would be many times as much as what they are made from. */
  const known = new Map<string, Branch>()
  const keyOf = (directory: Branch, name: string): string => `${directory.id}/${name.normalize('NFC').toLowerCase()}`
  const grow = (key: string, branch: Omit<Branch, 'id'>): Branch => {
    const grown = { id: known.size + 1, ...branch }
    known.set(key, grown)
    return grown
  }

  /** Adds a path, or says why it cannot stand beside the others. */
  const add = (path: string, is: SafeEntry['is']): string | undefined => {
    if (path === '') {
      if (!root.implied) return 'stands twice in it'
      root = { ...root, implied: false }
      return undefined
    }
    const parts = path.split('/').slice(0, -1)
    const last = path.slice(path.lastIndexOf('/') + 1)
    const upTo = (index: number, name: string): string => JSON.stringify([...parts.slice(0, index), name].join('/'))
    let directory = root
    for (const [index, name] of parts.entries()) {
      const key = keyOf(directory, name)
      const before = known.get(key) ?? grow(key, { name, is: 'directory', implied: true })
      if (before.is !== 'directory') return `is below ${upTo(index, before.name)}, which is a ${before.is}`
      if (before.name !== name) return `differs from ${upTo(index, before.name)} only in case`
      directory = before
    }
    const key = keyOf(directory, last)
    const before = known.get(key)
    if (before !== undefined && before.name !== last) return `differs from ${upTo(parts.length, before.name)} only in case`
    if (before !== undefined && !(before.implied && is === 'directory')) return 'stands twice in it'
    if (before === undefined) grow(key, { name: last, is, implied: false })
    else known.set(key, { ...before, implied: false })
    return undefined
  }
  /** How many files, links and directories it has, also those that are only known from what is in them. */
  const size = (): number => known.size
  return { add, size }
}

/** Something in an archive that no make release writes, and that could do harm. */
export function unsafe(message: string, where: Where): Problem {
  const fix = 'Do not install it. Ask whoever made the file for one that make release wrote.'
  return new Problem('RELEASE_UNSAFE', message, fix, where)
}
