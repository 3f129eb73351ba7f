import { mkdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Aside } from '../../../plugin/aside.ts'
import type { Millis } from '../../../time.ts'
import { linkAtomically, writeAtomically } from '../../disk/atomic.ts'
import { isErrno } from '../../disk/errno.ts'
import { namesIn } from '../../disk/names-in.ts'
import type { Paths } from '../../home/paths.ts'

/*
 * A plugin in maintenance is a link with its name. It leads to a directory whose name ends in the seconds of Retry-After, where
 * nginx reads them, and which holds the page of the administrator if there is one. So one step changes all of it.
 */

/** The page of an administrator, as nginx looks for it. */
const PAGE = 'page.html'
const TARGET = /\.(\d+)$/

export interface Maintenance {
  readonly retryAfterSeconds: number
  /** The text of a page, which is served as it is. */
  readonly page: string | undefined
}

export function maintenanceOf(name: string, { maintenance }: Paths): Extract<Aside, { is: 'maintenance' }> | undefined {
  const link = join(maintenance, name)
  try {
    const [, seconds] = TARGET.exec(readlinkSync(link)) ?? []
    const { mtimeMs } = statSync(link)
    const hasPage = statSync(join(link, PAGE), { throwIfNoEntry: false }) !== undefined
    return { is: 'maintenance', since: Math.round(mtimeMs) as Millis, retryAfterSeconds: Number(seconds), hasPage }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Answers whether it was not in maintenance before. One that is gets the new page and the new seconds in one step. */
export function beginMaintenance(name: string, { retryAfterSeconds, page }: Maintenance, { maintenance }: Paths): boolean {
  const before = targetsOf(name, maintenance)
  const number = Math.max(0, ...before.map((target) => Number(target.split('.')[1]) + 1))
  const target = `${name}.${number}.${retryAfterSeconds}`
  mkdirSync(join(maintenance, target), { recursive: true, mode: 0o700 })
  if (page !== undefined) writeAtomically(join(maintenance, target, PAGE), page)
  linkAtomically(target, join(maintenance, name))
  removeTargets(before, maintenance)
  return before.length === 0
}

export function endMaintenance(name: string, { maintenance }: Paths): void {
  rmSync(join(maintenance, name), { force: true })
  removeTargets(targetsOf(name, maintenance), maintenance)
}

/** Names of plugins have no dot. */
function targetsOf(name: string, maintenance: string): readonly string[] {
  return namesIn(maintenance).filter((entry) => entry.startsWith(`${name}.`) && TARGET.test(entry))
}

function removeTargets(targets: readonly string[], maintenance: string): void {
  for (const target of targets) rmSync(join(maintenance, target), { recursive: true, force: true })
}
