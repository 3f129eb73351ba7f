import { lstatSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { systemProblem } from '../../host/disk/disk-problem.ts'
import { namesIn } from '../../host/disk/names-in.ts'
import { syncPath } from '../../host/disk/sync.ts'
import type { Paths } from '../../host/home/paths.ts'
import { settleAside } from '../../host/plugins/aside/aside.ts'
import { forgetModel } from '../../host/plugins/installed.ts'
import type { PluginEntry } from '../../host/plugins/plugin-entry.ts'
import { forgetMarks } from '../../host/plugins/plugin-marks.ts'
import { memoryFile } from '../../host/recall/environment.ts'
import { historyFile } from '../../host/receipts/history.ts'
import { RELEASES, REMOVED } from '../../host/releases/plugins-directory.ts'
import { pluginOf, sourceOf } from '../../log/source.ts'
import { Problem } from '../../problem.ts'
import { shellArgument } from '../../shell-quote.ts'

/**
 * Takes a plugin out of the plugins directory in one step. Of a development link or a pointer to a release only the link
 * goes, never what it leads to; a plain directory is moved aside, because its last workers may still read from it. Needs the
 * plugin lock.
 */
export function detachPlugin({ name }: Pick<PluginEntry, 'name'>, paths: Paths): void {
  const entry = join(paths.plugins, name)
  try {
    if (lstatSync(entry).isSymbolicLink()) {
      unlinkSync(entry)
    } else {
      mkdirSync(join(paths.plugins, RELEASES, name), { recursive: true })
      renameSync(entry, join(paths.plugins, RELEASES, name, `${REMOVED}${process.pid}`))
    }
    // Before anything that it leads to is deleted: a power cut must not bring back a link to half a release.
    syncPath(paths.plugins)
    forgetModel(paths, name)
    forgetMarks(name, paths)
    settleAside(name, paths)
    rmSync(memoryFile({ wanted: name, base: undefined }, paths), { force: true })
  } catch (cause) {
    throw notRemoved(entry, cause)
  }
}

/**
 * Deletes the releases of a plugin and what was moved aside, first the records, so that half of it counts as nothing. Needs
 * the plugin lock, and that no worker runs from them.
 */
export function deleteDetached(name: string, { plugins }: Paths): void {
  const directory = join(plugins, RELEASES, name)
  const records = namesIn(directory).filter((file) => file.endsWith('.json'))
  for (const record of records) remove(join(directory, record))
  if (records.length > 0) syncPath(directory)
  remove(directory)
  if (namesIn(join(plugins, RELEASES)).length === 0) remove(join(plugins, RELEASES))
}

/** Deletes what a plugin wrote: the logs of its apps, daemons and cron jobs, the rotated ones too, the history of its jobs and its receipts, its temporary directory, and its data. */
export function deleteTraces({ name }: Pick<PluginEntry, 'name'>, paths: Paths): void {
  const isTrace = (file: string): boolean => {
    const source = sourceOf(file.replace(/\.\d{14}(\.part)?$/, ''))
    return source !== undefined && pluginOf(source) === name
  }
  for (const file of namesIn(paths.log).filter(isTrace)) remove(join(paths.log, file))
  remove(join(paths.cron, name))
  remove(join(paths.tmp, name))
  remove(historyFile(name, paths))
  remove(join(paths.data, name))
}

/** Whether a worker of the plugin may still be alive. */
export function hasWorkers(name: string, paths: Paths): boolean {
  return namesIn(paths.workers).some((file) => file.startsWith(`${name}.`))
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (cause) {
    throw notRemoved(path, cause)
  }
}

function notRemoved(path: string, cause: unknown): Problem {
  const why = cause instanceof Error ? cause.message : String(cause)
  const fix = `Remove it yourself, or see what holds it: lsof +D ${shellArgument(path)}. Then run the command again.`
  return systemProblem(cause, path) ?? new Problem('DISK', `cannot remove ${path}: ${why}`, fix, { file: path }, cause)
}
