import { setTimeout as delay } from 'node:timers/promises'
import { askControl } from '../../control/client.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { parseSocketName } from '../../desired/slot.ts'
import type { Paths } from '../../host/home/paths.ts'
import { keptAside, settleAside } from '../../host/plugins/aside/aside.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { connectionsByPath } from '../../host/process/connections.ts'
import { markPaused, unmarkPaused } from '../../host/workers/pause/paused.ts'

/** How long what is inside is waited for. nginx keeps a connection to a worker for a second. */
const EMPTY_WITHIN_MS = 10_000
const LOOK_MS = 50

/** `not running`: no daemon does it now; it counts when one is started. `inside`: requests that were in its workers and still are. */
export type Paused = { readonly is: 'paused'; readonly inside: number } | { readonly is: 'not running' }

export type Resumed = { readonly is: 'resumed'; readonly held: number } | { readonly is: 'not running' }

/** From now on requests wait; answers when none is inside its workers any more, or when that takes long. */
export async function pausePlugin(name: string, paths: Paths): Promise<Paused> {
  markPaused(name, paths)
  await keptAside(name, paths)
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return { is: 'not running' }
  const end = steadyNow() + EMPTY_WITHIN_MS
  let inside = insideOf(name)
  while (inside > 0 && steadyNow() < end) {
    await delay(LOOK_MS)
    inside = insideOf(name)
  }
  return { is: 'paused', inside }

  function insideOf(plugin: string): number {
    const ours = [...connectionsByPath()].filter(([path]) => isSocketOf(plugin, path, paths))
    return ours.reduce((sum, [, count]) => sum + count, 0)
  }
}

/** What waits goes on, and what comes does not wait. */
export async function resumePlugin(name: string, paths: Paths): Promise<Resumed> {
  const held = heldIn(await askControl(paths.control, 'GET /status'), name)
  unmarkPaused(name, paths)
  settleAside(name, paths)
  return (await askControl(paths.control, 'POST /look', { plugin: name })) === undefined
    ? { is: 'not running' }
    : { is: 'resumed', held }
}

function heldIn(report: StatusReport | undefined, name: string): number {
  const apps = report?.plugins.find((plugin) => plugin.name === name)?.apps ?? []
  return apps.reduce((sum, { held }) => sum + held, 0)
}

function isSocketOf(plugin: string, path: string, { run }: Paths): boolean {
  if (!path.startsWith(`${run}/`)) return false
  return parseSocketName(path.slice(run.length + 1))?.slot.startsWith(`${plugin}/`) === true
}
