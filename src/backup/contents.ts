/** What a person wants in a backup. */
export interface Choice {
  readonly keys: boolean
  readonly data: boolean
}

/** Directories and files of a runtime home that a backup is made of; everything else is made anew, or belongs to one machine. */
const PLACES = [
  ...['config', 'var/plugins', 'var/data', 'var/stopped', 'var/maintenance', 'var/paused', 'var/restarts', 'var/history'],
  'var/debug_secret',
] as const
const KEYS: readonly string[] = ['config/keys', 'config/certificates', 'var/debug_secret']
const DATA = 'var/data'

/** What was learned from the plugins that were there, and would be wrong for those that come; and what wrote them. */
export const LEARNED: readonly string[] = [
  'var/models',
  'var/nginx_fragments.json',
  'var/good_config',
  'var/candidates',
  'var/cron',
  'var/postponed',
  'var/state-version',
]

/** Of a writer that was killed. */
const UNRENAMED = /^\..+\.\d+-\d+\.tmp$/
/** A release: `var/plugins/.releases/NAME/ID/…`. */
const IN_RELEASE = /^var\/plugins\/\.releases\/[^/]+\/[^/]+\/(.+)$/
const UNFINISHED = /^var\/plugins\/\.releases\/[^/]+\/(?:\.unfinished-|removed-)[^/]*(?:\/|$)/
/** What is built into a release from what it brings; it is bound to the Python and the Node of one machine. */
const BUILT = /^local\/(?:python2\/)?(?:versions|current|node|build\.lock)(?:\/|$)/

/** The places to look at, relative to the runtime home. */
export function placesOf({ keys, data }: Choice): readonly string[] {
  return PLACES.filter((place) => (keys || !KEYS.includes(place)) && (data || place !== DATA))
}

/** Whether an entry belongs into a backup. `target`: of a link. */
export function isTaken(path: string, { keys }: Choice, target?: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (UNRENAMED.test(name) || UNFINISHED.test(path)) return false
  if (!keys && KEYS.some((one) => path === one || path.startsWith(`${one}/`))) return false
  const inside = IN_RELEASE.exec(path)?.[1]
  if (inside === undefined) return true
  return !BUILT.test(inside) && !(/^local\/(?:python2\/)?[^/]+$/.test(inside) && target?.startsWith('current/') === true)
}

/** Files that SQLite keeps beside a database: what is in them is in the copy that it makes itself. */
export function databaseOf(path: string): string | undefined {
  return /^(.+)-(?:wal|shm|journal)$/.exec(path)?.[1]
}

const SQLITE = 'SQLite format 3\0'

/** `begin`: the first bytes of a file. */
export function isDatabase(begin: Uint8Array): boolean {
  return begin.length >= SQLITE.length && [...SQLITE].every((letter, index) => begin[index] === letter.charCodeAt(0))
}

/** A link as it stands in a backup: one that leads elsewhere in the runtime home leads there from wherever it is. */
export function relativeTarget(path: string, target: string, home: string): string {
  if (!target.startsWith(`${home}/`)) return target
  const up = path.split('/').length - 1
  return `${'../'.repeat(up)}${target.slice(home.length + 1)}`
}
