import { existsSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LEARNED } from '../../backup/contents.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { setsNothing } from '../../config/edit/commented.ts'
import { askControl } from '../../control/client.ts'
import { readBackup, refusedBackup } from '../../host/backup/read-backup.ts'
import { beginRestore, commitRestore, completeRestore, lockOfHome, restorePlaces } from '../../host/backup/swap-home.ts'
import { unpackBackup } from '../../host/backup/unpack-backup.ts'
import { mountedIn, mountPoints } from '../../host/disk/mount-points.ts'
import { namesIn } from '../../host/disk/names-in.ts'
import { roomIn } from '../../host/disk/room.ts'
import { textOf } from '../../host/disk/text-of.ts'
import { buildPlugin } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { closeBelow, closeHome } from '../../host/home/close-home.ts'
import type { Paths } from '../../host/home/paths.ts'
import { STATE_VERSION } from '../../host/home/state-version.ts'
import { userConfig } from '../../host/module/read-config.ts'
import { syncTree } from '../../host/package/sync-tree.ts'
import { pluginNames, RELEASES } from '../../host/releases/plugins-directory.ts'
import { currentRelease, releaseHome, releasesOf, removeRelease } from '../../host/releases/releases.ts'
import { Problem } from '../../problem.ts'
import { hasLeftovers } from './leftovers.ts'

export interface Restored {
  readonly manifest: Manifest
  readonly plugins: readonly string[]
  /** What a person should know. */
  readonly notes: readonly string[]
}

interface Restoring {
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  readonly isForced: boolean
  readonly say: (text: string) => void
}

/** So much is left free beside what is unpacked. */
const SPARE_BYTES = 64 << 20
/** Directories below var/ that a backup has, or the home has not afterwards. */
const KEPT = ['var/plugins', 'var/stopped', 'var/maintenance', 'var/paused', 'var/restarts', 'var/history'] as const

/**
 * Makes the runtime home what a backup says. Everything is read and checked first, then unpacked and built beside what is there, and
 * put in place at the end. Throws; then nothing was changed. mfserv must not run.
 */
export async function restore(target: string, at: Restoring): Promise<Restored> {
  const { paths, isForced } = at
  const file = resolve(target)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new Problem('USAGE', `there is no file ${file}`, 'Give the file that mfserv backup wrote.')
  }
  const manifest = await readBackup(file)
  if (manifest.state > STATE_VERSION) {
    throw refusedBackup(
      `mfserv ${manifest.mfserv} wrote it, with state of version ${manifest.state}; this one knows ${STATE_VERSION}`,
      { file },
    )
  }
  if ((await askControl(paths.control, 'GET /status')) !== undefined || hasLeftovers(paths)) throw runs(paths)
  closeHome(paths)
  const lock = lockOfHome(paths)
  if (lock === undefined) throw runs(paths)
  try {
    completeRestore(paths)
    if (!isForced) refuseFull(paths)
    return await putIn(file, manifest, at)
  } finally {
    lock.release()
  }
}

async function putIn(file: string, manifest: Manifest, at: Restoring): Promise<Restored> {
  const { paths } = at
  const needed = Object.values(manifest.files).reduce((sum, { size }) => sum + size, SPARE_BYTES)
  const { bytes } = roomIn(paths.runtimeHome)
  if (bytes < needed) {
    const message = `the backup takes ${needed} bytes, and ${bytes} are free where ${paths.runtimeHome} is`
    throw new Problem('DISK', message, 'Make room on that disk. Nothing was changed.', { file: paths.runtimeHome })
  }
  const incoming = beginRestore(paths)
  try {
    const unpacked = await unpackBackup(file, incoming)
    if (JSON.stringify(unpacked) !== JSON.stringify(manifest)) {
      throw new Problem('BUSY', 'the backup was changed while it was read', 'Try again once it is written.', { file })
    }
    const notes = [...(await buildAll(incoming, at)), ...notesOn(manifest, incoming, paths)]
    await syncTree(incoming)
    const plugins = pluginNames(join(incoming, 'var/plugins'))
    const changes = changesOf(manifest, incoming, paths)
    refuseMounted(paths, [...changes.put, ...changes.cleared])
    commitRestore(paths, changes)
    return { manifest, plugins, notes }
  } catch (error) {
    if (!existsSync(restorePlaces(paths).commit)) rmSync(restorePlaces(paths).all, { recursive: true, force: true })
    throw error
  }
}

/** The environments of every release, from what it brings. One that is kept for a rollback, and cannot be built here, is left out. */
async function buildAll(incoming: string, { paths, env, say }: Restoring): Promise<readonly string[]> {
  const plugins = join(incoming, 'var/plugins')
  const tools = buildTools(paths, env, say)
  const notes: string[] = []
  for (const name of namesIn(join(plugins, RELEASES))) {
    const current = currentRelease(plugins, name)
    for (const { id } of releasesOf(plugins, name)) {
      const home = releaseHome(plugins, name, id)
      try {
        await buildPlugin(home, tools, say, 'vendored')
        closeBelow(home)
      } catch (error) {
        if (id === current || !(error instanceof Problem)) throw error
        removeRelease(plugins, name, id)
        notes.push(`release ${id} of ${name}, which is not in force, was left out: ${error.message}`)
      }
    }
  }
  return notes
}

function changesOf({ keys, data }: Manifest, incoming: string, paths: Paths) {
  const config = namesIn(join(incoming, 'config')).map((name) => `config/${name}`)
  const others = [...KEPT, ...(data ? ['var/data'] : []), ...(keys ? ['var/debug_secret'] : [])]
  const put = [...config, ...others.filter((path) => existsSync(join(incoming, path)))]
  const before = namesIn(paths.config).map((name) => `config/${name}`)
  // Keys that are here, and not in the backup, stay.
  const gone = [...before, ...KEPT, ...LEARNED].filter((path) => !put.includes(path) && (keys || path !== 'config/keys'))
  return { put, cleared: gone }
}

function notesOn(manifest: Manifest, incoming: string, { runtimeHome }: Paths): readonly string[] {
  const development = manifest.development.map(
    ({ name, sources }) => `${name} was served from its sources in ${sources}; where they are: make develop`,
  )
  const texts = Object.keys(manifest.files).filter((path) => path.startsWith('config/') && path.endsWith('.ini'))
  const named =
    manifest.home === runtimeHome
      ? []
      : texts.filter((path) => readFileSync(join(incoming, path), 'utf8').includes(`${manifest.home}/`))
  const moved = named.map(
    (path) => `${path} names the runtime home of before, ${manifest.home}; write {{MFMODULE_RUNTIME_HOME}} there`,
  )
  const keys = manifest.keys ? [] : ['The private keys that sign releases are not in the backup.']
  const data = manifest.data ? [] : ['The data of the plugins is not in the backup; what was here has stayed.']
  return [...manifest.notes.map((note) => `In the backup: ${note}`), ...development, ...moved, ...keys, ...data]
}

/** Throws USAGE when something would be replaced. */
function refuseFull(paths: Paths): void {
  const { runtimeHome, plugins, data } = paths
  const written = textOf(userConfig(paths))
  const found = [
    ...pluginNames(plugins).map((name) => `the plugin ${name}`),
    ...namesIn(data).map((name) => `data of ${name}`),
    ...(written === undefined || setsNothing(written) ? [] : ['a config.ini']),
  ]
  if (found.length === 0) return
  const some = `${found.slice(0, 3).join(', ')}${found.length > 3 ? ` and ${found.length - 3} more` : ''}`
  const fix =
    'To replace all of that by what is in the backup: --force. To keep it, set MFMODULE_RUNTIME_HOME to another directory.'
  throw new Problem('USAGE', `the runtime home ${runtimeHome} is not empty: it has ${some}`, fix, { file: runtimeHome })
}

/** What another disk is mounted on cannot be put aside, and to find that half-way would be too late. */
function refuseMounted({ runtimeHome }: Paths, parts: readonly string[]): void {
  const home = realpathSync(runtimeHome)
  const replaced = parts.map((part) => join(home, part))
  const mounted = mountedIn(replaced, mountPoints())
  if (mounted === undefined) return
  const fix = 'Unmount it, restore, and copy what is there then onto that disk. Nothing was changed.'
  throw new Problem('ENVIRONMENT', `another file system is mounted on ${mounted}, which has to be replaced`, fix, {
    file: mounted,
  })
}

function runs({ runtimeHome }: Paths): Problem {
  return new Problem('DAEMON_RUNS', `mfserv runs in ${runtimeHome}, or what it started does`, 'Stop it first: mfserv.stop', {
    file: runtimeHome,
  })
}
