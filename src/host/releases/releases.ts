import { existsSync, mkdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { linkAtomically, removeUnrenamed, writeAtomically } from '../disk/atomic.ts'
import { isErrno } from '../disk/errno.ts'
import { namesIn } from '../disk/names-in.ts'
import { readJson } from '../disk/read-json.ts'
import { syncPath } from '../disk/sync.ts'
import { environmentOf, processes, processId, signal, workingDirectoryOf } from '../process/proc.ts'
import { isDirectory, RELEASES, REMOVED } from './plugins-directory.ts'

/*
 * Below a plugins directory:
 *
 *   NAME → .releases/NAME/<id>      the pointer: which release is in force
 *   .releases/NAME/<id>/            one release, with the environments built into it
 *   .releases/NAME/<id>.json        its record, written last: without it the release is not whole
 */

/** What is known of a release that is whole. */
export interface ReleaseRecord {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly release: string
  /** Of the .plugin file it comes from, in hexadecimal. */
  readonly sha256: string
  /** The name of that file. */
  readonly file: string
  /** ISO 8601, UTC. */
  readonly installedAt: string
  /** The user's overrides that were in force when another release took its place; null: there were none. */
  readonly overrides?: string | null
  /** When that was. Absent: it is in force, or never was. */
  readonly leftAt?: string
}

export function releaseHome(plugins: string, name: string, id: string): string {
  return join(plugins, RELEASES, name, id)
}

/** The release that is in force; undefined when the plugin is not installed, or in development. */
export function currentRelease(plugins: string, name: string): string | undefined {
  const target = targetOf(join(plugins, name))
  return target?.startsWith(`${RELEASES}/${name}/`) === true ? basename(target) : undefined
}

/** Brings a release into force, in one step that survives a power cut. */
export function pointAt(plugins: string, name: string, id: string): void {
  linkAtomically(join(RELEASES, name, id), join(plugins, name))
  syncPath(plugins)
}

/** The whole releases of a plugin, the newest last. */
export function releasesOf(plugins: string, name: string): readonly ReleaseRecord[] {
  const directory = join(plugins, RELEASES, name)
  const records = namesIn(directory)
    .filter((file) => file.endsWith('.json'))
    .map((file) => readJson(join(directory, file)))
    .filter(isRecord)
    .filter(({ id }) => isDirectory(join(directory, id)))
  return records.toSorted((one, other) => (one.installedAt < other.installedAt ? -1 : 1))
}

/** From now on the release counts as whole. */
export function writeRelease(plugins: string, record: ReleaseRecord): void {
  const directory = join(plugins, RELEASES, record.name)
  // It has the text of overrides, which may hold secrets.
  writeAtomically(recordFile(plugins, record.name, record.id), `${JSON.stringify(record, null, 2)}\n`, 'durable', 0o600)
  // And the way to it, whose directories may be new.
  for (const path of [directory, join(plugins, RELEASES), plugins]) syncPath(path)
}

/** First the record, so that an interrupted removal leaves nothing that counts as whole, not even after a power cut. */
export function removeRelease(plugins: string, name: string, id: string): void {
  const record = recordFile(plugins, name, id)
  if (existsSync(record)) {
    rmSync(record, { force: true })
    syncPath(dirname(record))
  }
  rmSync(releaseHome(plugins, name, id), { recursive: true, force: true })
}

/** A directory beside the releases of a plugin that does not exist yet; an interrupted command's is removed by `sweep`. */
export function privateDirectory(plugins: string, name: string): string {
  mkdirSync(join(plugins, RELEASES, name), { recursive: true })
  return join(plugins, RELEASES, name, `${UNFINISHED}${process.pid}`)
}

const UNFINISHED = '.unfinished-'

/**
 * Removes what an interrupted command left of a plugin's releases: whatever has no record, and who still builds it. Needs the
 * plugin lock, and that its commit has been finished.
 */
export function sweep(plugins: string, name: string): void {
  const directory = join(plugins, RELEASES, name)
  const whole = new Set(releasesOf(plugins, name).flatMap(({ id }) => [id, `${id}.json`]))
  const current = currentRelease(plugins, name)
  const isKept = (entry: string): boolean => whole.has(entry) || entry === current || entry.startsWith(REMOVED)
  for (const entry of namesIn(directory)) if (!isKept(entry)) removeUnfinished(join(directory, entry))
  if (existsSync(directory) && namesIn(directory).length === 0) rmSync(directory, { recursive: true, force: true })
  removeUnrenamed(join(plugins, name))
}

function removeUnfinished(path: string): void {
  endBuilders(path)
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/** Who builds there for a command that was killed; more than one look, because they start others. */
function endBuilders(path: string): void {
  const places = new Set([path, realpathSync(path)])
  const isIn = (directory: string | undefined): boolean =>
    directory !== undefined && [...places].some((place) => directory === place || directory.startsWith(`${place}/`))
  for (let look = 0; look < LOOKS; look += 1) {
    const found = processes()
      .filter((pid) => isIn(workingDirectoryOf(pid)) || isIn(environmentOf(pid)['MFSERV_CURRENT_PLUGIN_DIR']))
      .flatMap((pid) => processId(pid) ?? [])
    if (found.length === 0) return
    for (const process of found) signal(process, 'SIGKILL')
  }
}

const LOOKS = 20

function recordFile(plugins: string, name: string, id: string): string {
  return join(plugins, RELEASES, name, `${id}.json`)
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EINVAL')) return undefined
    throw error
  }
}

function isRecord(value: unknown): value is ReleaseRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['id', 'name', 'version', 'release', 'sha256', 'file', 'installedAt'].every((key) => Object.hasOwn(value, key))
  )
}
