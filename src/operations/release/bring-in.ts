import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { writeProblem } from '../../host/disk/disk-problem.ts'
import { buildPlugin } from '../../host/environments/build.ts'
import { buildTools } from '../../host/environments/build-tools.ts'
import { closeBelow } from '../../host/home/close-home.ts'
import { readModule } from '../../host/module/module-environment.ts'
import type { PackageFacts } from '../../host/package/facts.ts'
import { syncTree } from '../../host/package/sync-tree.ts'
import { unpackPackage } from '../../host/package/unpack.ts'
import { readOverrides } from '../../host/plugins/override-files.ts'
import { runPostinstall } from '../../host/plugins/postinstall.ts'
import { readPlugin } from '../../host/plugins/read-plugin.ts'
import {
  privateDirectory,
  type ReleaseRecord,
  releaseHome,
  releasesOf,
  removeRelease,
  writeRelease,
} from '../../host/releases/releases.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { trustHere } from './incoming.ts'
import type { Surroundings } from './place-of-change.ts'

/** A release that is whole on disk; nothing points at it yet. */
export interface Brought {
  readonly record: ReleaseRecord
  readonly plugin: Plugin
  /** `kept`: the same file had been installed before, and its release was still there. */
  readonly how: 'new' | 'kept'
}

/**
 * Makes a release of a .plugin file: unpacks it into a private directory, builds its environments from what it brings, runs
 * its postinstall and checks its files. Throws Problems, and leaves nothing then. Needs the plugin lock.
 */
export async function bringIn(file: string, facts: PackageFacts, name: string, at: Surroundings): Promise<Brought> {
  const { plugins } = at.paths
  const { id } = facts
  const kept = releasesOf(plugins, name).find((record) => record.id === id)
  if (kept !== undefined && kept.sha256 !== facts.sha256) throw sameId(file, kept)
  if (kept !== undefined) {
    await at.timeline.phase('Checking its environment', () => renewEnvironments(name, id, at))
    return { record: kept, plugin: await readWhole(name, id, undefined, at), how: 'kept' }
  }
  await unpack(file, facts, name, at)
  try {
    const home = releaseHome(plugins, name, id)
    await build(home, at)
    const plugin = await at.timeline.phase('Checking its configuration', () => readWhole(name, id, undefined, at))
    await syncTree(home)
    const { version, release, sha256 } = facts
    const record = { id, name, version, release, sha256, file: basename(file), installedAt: new Date().toISOString() }
    writeRelease(plugins, record)
    return { record, plugin, how: 'new' }
  } catch (error) {
    removeRelease(plugins, name, id)
    throw error
  }
}

/** The environments of a release may have to be made again: a rollback meets the Python and the Node of today. */
export async function renewEnvironments(name: string, id: string, at: Surroundings): Promise<void> {
  const { paths, env, timeline } = at
  const home = releaseHome(paths.plugins, name, id)
  const report = (text: string): void => timeline.say(`  ${text}`)
  const built = await buildPlugin(home, buildTools(paths, env, report), report, 'vendored')
  closeBelow(home)
  // As of a new release: nothing may point at what a power cut would take away.
  if (built.length > 0) await syncTree(home)
}

/**
 * The plugin of a release, with the overrides that will be in force with it; `overrides` is the text of the user's if it is
 * not the present one. Says what is to be minded in them. Throws every problem of its files at once.
 */
export function readWhole(name: string, id: string, overrides: string | null | undefined, at: Surroundings): Plugin {
  const { plugin, problems } = readWith(name, id, overrides, at)
  for (const { message, fix } of problems) at.timeline.say(`  ${message}. ${fix}`)
  return plugin
}

/** The same of a release that was in force before, in silence. */
export function readRelease(name: string, id: string, overrides: string | null | undefined, at: Surroundings): Plugin {
  return readWith(name, id, overrides, at).plugin
}

function readWith(name: string, id: string, overrides: string | null | undefined, { paths, env }: Surroundings) {
  const { variables } = readModule(paths, env)
  const { texts, problems: unreadable } = readOverrides(name, paths, env, overrides)
  const { plugin, problems } = readPlugin(releaseHome(paths.plugins, name, id), variables, texts)
  const all = [...unreadable, ...problems]
  if (plugin === undefined || all.some(isError)) throw new Problems(all.filter(isError))
  return { plugin, problems: all }
}

async function unpack(file: string, facts: PackageFacts, name: string, at: Surroundings): Promise<void> {
  const { paths, timeline } = at
  const directory = privateDirectory(paths.plugins, name)
  const home = releaseHome(paths.plugins, name, facts.id)
  rmSync(directory, { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
  try {
    const unpacked = await timeline.phase('Unpacking it', () => unpackPackage(file, directory, { trust: trustHere(at) }))
    if (unpacked.sha256 !== facts.sha256) throw changed(file)
    if (name !== facts.name) writeFileSync(join(directory, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
    renameSync(directory, home)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw releaseProblem(error, paths.plugins)
  }
}

async function build(home: string, { paths, env, timeline }: Surroundings): Promise<void> {
  const report = (text: string): void => timeline.say(`  ${text}`)
  await timeline.phase('Building its environment', () => buildPlugin(home, buildTools(paths, env, report), report, 'vendored'))
  if (existsSync(join(home, 'postinstall')))
    await timeline.phase('Running its postinstall', () => runPostinstall(home, paths, env, report, 'installation'))
  // Some tools give rights that the umask takes away, and a command may have the umask of its caller.
  closeBelow(home)
}

/** What was checked, and waited for its turn, is not what was unpacked. */
function changed(file: string): Problem {
  return new Problem('BUSY', 'the file was changed while it was read', 'Try again once it is written.', { file })
}

function sameId(file: string, { id, file: other }: ReleaseRecord): Problem {
  const fix = 'Make the release again: any change in it gives it another id.'
  return new Problem('RELEASE_UNSAFE', `it would have the id ${id}, which another file has: ${other}`, fix, { file })
}

function releaseProblem(error: unknown, directory: string): unknown {
  const fix = 'Make room there, and give the user of mfserv the right to write.'
  return writeProblem(error, { what: 'the release cannot be written', fix, file: directory })
}
