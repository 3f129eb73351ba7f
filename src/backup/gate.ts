import { badName, badTarget, type RawEntry, strayLinks } from '../package/entry.ts'

/** What stands in front of every name in a backup. */
export const ROOT = 'mfserv-backup'
export const HOME = `${ROOT}/home`
export const FIRST = `${ROOT}/format.json`
export const LAST = `${ROOT}/manifest.json`

/** An entry of a backup that may be unpacked. `path` is relative to the runtime home. */
export type SafeEntry =
  | { readonly is: 'text'; readonly name: typeof FIRST | typeof LAST; readonly size: number }
  | { readonly is: 'directory'; readonly path: string }
  | { readonly is: 'file'; readonly path: string; readonly size: number; readonly executable: boolean }
  | { readonly is: 'link'; readonly path: string; readonly target: string }
  | { readonly is: 'refused'; readonly why: string }

/** Looks at the entries of one backup, one after the other. Names that differ in case alone are right: data may have them. */
export interface Gate {
  readonly admit: (entry: RawEntry) => SafeEntry
  /** Why a link may not be made; undefined when all lead to places in the runtime home. */
  readonly close: () => string | undefined
}

const MOST_ENTRIES = 5_000_000

export function newGate(): Gate {
  const seen = new Map<string, SafeEntry['is']>()
  const links = new Map<string, string>()
  const admit = (raw: RawEntry): SafeEntry => {
    const entry = entryOf(raw)
    if (entry.is === 'refused' || entry.is === 'text') return entry
    if (seen.size >= MOST_ENTRIES) return refused(raw.name, `is one of more than ${MOST_ENTRIES} entries`)
    if (seen.has(entry.path) && !(entry.is === 'directory' && seen.get(entry.path) === 'directory'))
      return refused(raw.name, 'stands twice in it')
    for (let at = entry.path.lastIndexOf('/'); at > 0; at = entry.path.lastIndexOf('/', at - 1)) {
      const above = entry.path.slice(0, at)
      const is = seen.get(above)
      if (is !== undefined && is !== 'directory') return refused(raw.name, `is below ${JSON.stringify(above)}, which is a ${is}`)
      seen.set(above, 'directory')
    }
    seen.set(entry.path, entry.is)
    if (entry.is === 'link') links.set(entry.path, entry.target)
    return entry
  }
  const close = (): string | undefined => {
    const [stray] = strayLinks(links)
    return stray && `${JSON.stringify(stray.path)} ${stray.why.replace('outside of the plugin', 'outside of the runtime home')}`
  }
  return { admit, close }
}

function refused(name: string, why: string): SafeEntry {
  return { is: 'refused', why: `${JSON.stringify(name)} ${why}` }
}

function entryOf({ name, type, mode, size, target }: RawEntry): SafeEntry {
  const wrong = badName(name)
  if (wrong !== undefined) return refused(name, wrong)
  if (!Number.isSafeInteger(size) || size < 0) return refused(name, 'has no readable size')
  if (type === 'file' && (name === FIRST || name === LAST)) return { is: 'text', name, size }
  const plain = type === 'directory' ? name.replace(/\/$/, '') : name
  const path = plain.slice(HOME.length + 1)
  if (!plain.startsWith(`${HOME}/`) || path.split('/').some((part) => part === '' || part === '.'))
    return refused(name, `is no plain path in ${HOME}/`)
  if (!/^(?:config|var)(?:\/|$)/.test(path)) return refused(name, 'is nothing that a backup holds')
  if ((mode & 0o7000) !== 0) return refused(name, 'has a setuid, setgid or sticky bit')
  if (type === 'directory') return { is: 'directory', path }
  if (type === 'file') return { is: 'file', path, size, executable: (mode & 0o111) !== 0 }
  if (type !== 'symlink') return refused(name, 'is neither a file, a directory nor a symbolic link')
  const stray = badTarget(target ?? '')
  return stray === undefined ? { is: 'link', path, target: target ?? '' } : refused(name, stray)
}
