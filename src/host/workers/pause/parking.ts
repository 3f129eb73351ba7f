import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../disk/errno.ts'

/*
 * The links of a paused plugin, and the marks of workers that clients stay at, lie beside their places under a name that nginx
 * does not ask for. nginx finds no worker then, so each request comes to the hold, as while none is ready. Everybody else reads
 * a parked link as the link that it is.
 */

export const PARKED = '.parked'

/** Names of plugins and apps hold no dot: `<plugin>.<app>.<slot>.sock`, and `<plugin>.<app>.<slot>.g<generation>.linked`. */
const PARKABLE = /^([^.]+)\.[^.]+\.\d+\.(?:sock|g\d+\.linked)(\.parked)?$/

/** Parks what nginx finds the workers of these plugins by, and has that of all others back in its place. */
export function park(run: string, paused: ReadonlySet<string>): void {
  for (const name of readdirSync(run)) {
    const [, plugin, parked] = PARKABLE.exec(name) ?? []
    if (plugin === undefined || paused.has(plugin) === (parked !== undefined)) continue
    move(run, name, parked === undefined ? `${name}${PARKED}` : name.slice(0, -PARKED.length))
  }
}

/** What another process of ours has moved or removed meanwhile is where it belongs. */
function move(run: string, from: string, to: string): void {
  try {
    renameSync(join(run, from), join(run, to))
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
