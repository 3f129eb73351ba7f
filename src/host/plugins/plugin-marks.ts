import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../disk/atomic.ts'
import { isErrno } from '../disk/errno.ts'
import type { Paths } from '../home/paths.ts'
import { unmarkPaused } from '../workers/pause/paused.ts'
import { endMaintenance } from './aside/maintenance.ts'

/*
 * What an administrator decided about a plugin that is not part of its release: each is a small file with its name, so it
 * holds however often mfserv and the machine are started, and until the plugin is uninstalled. What is postponed holds until
 * it has been done.
 */

export function stoppedPlugins({ stopped }: Paths): ReadonlySet<string> {
  return new Set(marksIn(stopped))
}

export function isStopped(name: string, { stopped }: Paths): boolean {
  return existsSync(join(stopped, name))
}

/** It is to stop: the daemon ends its workers. */
export function markStopped(name: string, { stopped }: Paths): void {
  writeAtomically(join(stopped, name), 'plugins.stop\n')
}

export function unmarkStopped(name: string, { stopped }: Paths): void {
  rmSync(join(stopped, name), { force: true })
}

/** How often each plugin has been restarted. */
export function restartsOf({ restarts }: Paths): ReadonlyMap<string, number> {
  return new Map(marksIn(restarts).map((name) => [name, countIn(join(restarts, name))]))
}

export function writeRestarts(name: string, count: number, { restarts }: Paths): void {
  writeAtomically(join(restarts, name), `${count}\n`)
}

/** Plugins whose file in the site directory waits for another command to end. */
export function postponedPlugins({ postponed }: Paths): readonly string[] {
  return marksIn(postponed)
}

export function markPostponed(name: string, { postponed }: Paths): void {
  writeAtomically(join(postponed, name), 'mfserv provision\n')
}

export function unmarkPostponed(name: string, { postponed }: Paths): void {
  rmSync(join(postponed, name), { force: true })
}

export function forgetMarks(name: string, paths: Paths): void {
  unmarkStopped(name, paths)
  unmarkPaused(name, paths)
  endMaintenance(name, paths)
  rmSync(join(paths.restarts, name), { force: true })
}

/** Names of plugins have no dot; what is written just now has one. */
function marksIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => !name.includes('.'))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

function countIn(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || 0
  } catch (error) {
    // Removed a moment ago, with its plugin.
    if (isErrno(error, 'ENOENT')) return 0
    throw error
  }
}
