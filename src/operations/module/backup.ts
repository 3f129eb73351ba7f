import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { type Choice, databaseOf } from '../../backup/contents.ts'
import { FORMAT, type Manifest, type Member } from '../../backup/manifest.ts'
import { collect } from '../../host/backup/collect.ts'
import { isDatabaseFile, steadyCopy } from '../../host/backup/steady-copy.ts'
import { type Writing, writeBackup } from '../../host/backup/write-backup.ts'
import { writeProblem } from '../../host/disk/disk-problem.ts'
import { isErrno } from '../../host/disk/errno.ts'
import type { Paths } from '../../host/home/paths.ts'
import { withScratchOf } from '../../host/home/scratch.ts'
import { STATE_VERSION } from '../../host/home/state-version.ts'
import { version } from '../../host/home/version.ts'
import { finishCommit } from '../../host/plugins/commit.ts'
import { withPluginLock } from '../../host/plugins/plugin-lock.ts'
import { locate, pluginNames } from '../../host/releases/plugins-directory.ts'
import { currentRelease } from '../../host/releases/releases.ts'
import { Problem } from '../../problem.ts'

export interface BackedUp {
  readonly file: string
  readonly size: number
  readonly manifest: Manifest
}

interface Content {
  readonly files: Record<string, Member>
  readonly links: Record<string, string>
  readonly directories: string[]
  readonly notes: string[]
}

const PLUGINS = 'var/plugins'

/**
 * Writes a backup of the runtime home, while it serves. Each plugin is kept from being changed by commands while it is copied;
 * its apps go on. Throws; then there is no file.
 */
export async function backUp(paths: Paths, target: string, choice: Choice, now: Date): Promise<BackedUp> {
  const file = resolve(target)
  if (!existsSync(paths.config) && !existsSync(paths.plugins)) {
    throw new Problem(
      'USAGE',
      `there is no runtime home ${paths.runtimeHome} yet`,
      'Set MFMODULE_RUNTIME_HOME to the one you mean.',
    )
  }
  const content: Content = { files: {}, links: {}, directories: [], notes: [] }
  try {
    let manifest: Manifest | undefined
    const { size } = await writeBackup(file, async (to) => {
      await withScratchOf(paths, 'backup', async (scratch) => {
        await addAll(paths, choice, { to, scratch, made: new Set(), content, file })
      })
      manifest = { ...headOf(paths, choice, now), ...content }
      return manifest
    })
    if (manifest === undefined) throw new Error('a backup without a manifest')
    return { file, size, manifest }
  } catch (error) {
    if (isErrno(error, 'EEXIST')) {
      throw new Problem('USAGE', `there is a file ${file} already`, 'Give another name, or remove it.', { file })
    }
    const fix = `Make ${dirname(file)} writable for this user, and make room on its disk. No file was left there.`
    throw writeProblem(error, { what: 'the backup could not be written', fix, file })
  }
}

function headOf(paths: Paths, { keys, data }: Choice, now: Date): Omit<Manifest, keyof Content> {
  const development = pluginNames(paths.plugins).flatMap((name) => {
    const { mode, home } = locate(paths.plugins, name)
    return mode === 'dev_link' ? [{ name, sources: home ?? '' }] : []
  })
  return {
    format: FORMAT,
    mfserv: version(),
    state: STATE_VERSION,
    createdAt: now.toISOString(),
    home: paths.runtimeHome,
    host: hostname(),
    keys,
    data,
    development,
  }
}

interface Adding {
  readonly to: Writing
  readonly scratch: string
  /** The directories that are in it already. */
  readonly made: Set<string>
  readonly content: Content
  /** The backup itself, which may be in the home. */
  readonly file: string
}

/** First each plugin with its releases and overrides, under its lock; then the rest. */
async function addAll(paths: Paths, choice: Choice, adding: Adding): Promise<void> {
  const isLink = (name: string): boolean => locate(paths.plugins, name).mode === 'dev_link'
  for (const name of pluginNames(paths.plugins).filter((one) => !isLink(one))) {
    await withPluginLock(paths, { plugin: name, what: 'mfserv backup' }, async () => {
      if (currentRelease(paths.plugins, name) !== undefined) finishCommit(paths, name)
      const own = [`${PLUGINS}/${name}`, `${PLUGINS}/.releases/${name}`, `config/plugins/${name}.ini`]
      await addSome(paths, choice, adding, (path) =>
        own.some((one) => path === one || path.startsWith(`${one}/`) || one.startsWith(`${path}/`)),
      )
    })
  }
  const rest = (path: string): boolean => path === PLUGINS || !path.startsWith(`${PLUGINS}/`)
  await addSome(paths, choice, adding, rest)
}

async function addSome(paths: Paths, choice: Choice, adding: Adding, wanted: (path: string) => boolean): Promise<void> {
  const { runtimeHome: home } = paths
  const { to, content, file, made } = adding
  const found = collect(home, choice, wanted)
  content.notes.push(...found.notes)
  for (const path of found.directories.filter((one) => !made.has(one))) {
    made.add(path)
    content.directories.push(path)
    await to.directory(path)
  }
  for (const path of found.files) {
    if (Object.hasOwn(content.files, path) || isOfBackup(join(home, path), file)) continue
    const database = databaseOf(path)
    if (database !== undefined && isDatabaseFile(join(home, database))) continue
    await addFile(home, path, adding)
  }
  for (const [path, target] of found.links) {
    if (Object.hasOwn(content.links, path)) continue
    content.links[path] = target
    await to.link(path, target)
  }
}

async function addFile(home: string, path: string, { to, scratch, content }: Adding): Promise<void> {
  try {
    const copy = await steadyCopy(home, path, scratch)
    if (copy === undefined) return
    if (copy.note !== undefined) content.notes.push(`${path}: ${copy.note}`)
    content.files[path] = await to.file(path, copy)
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error
    content.notes.push(`${path} was left out: the user of mfserv may not read it`)
  }
}

/** It, and what is written before it has its name. */
function isOfBackup(path: string, file: string): boolean {
  const name = relative(dirname(file), path)
  return path === file || (name.startsWith(`.${relative(dirname(file), file)}.`) && name.endsWith('.tmp'))
}
