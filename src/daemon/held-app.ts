import type { AppId } from '../desired/ids.ts'
import { appOf } from '../desired/slot.ts'
import type { Paths } from '../host/home/paths.ts'
import { steadyNow } from '../host/process/clock.ts'
import { locate } from '../host/releases/plugins-directory.ts'
import type { HeldApp } from '../host/workers/hold.ts'
import { readLinks } from '../host/workers/links.ts'
import { isPaused } from '../host/workers/pause/paused.ts'
import type { Workers } from '../host/workers/workers.ts'
import type { ObservedWorker } from '../plan/observed.ts'
import { nextTryMs } from '../worker/prospects.ts'

/** nginx waits so much longer for an answer than the timeout of the app, and a worker that drains is waited for as long. */
const BEYOND_TIMEOUT_MS = 2000

/** What the hold of an app has to know of its workers. `waits`: a request has begun to wait. */
export function heldApp(
  app: AppId,
  paths: Pick<Paths, 'run' | 'paused' | 'plugins'>,
  workers: Workers,
  waits: () => void,
): HeldApp {
  const plugin = app.slice(0, app.indexOf('/'))
  const isHeld = (): boolean => isPaused(plugin, paths)
  const ofApp = (): readonly ObservedWorker[] => workers.observed().filter((worker) => worker.app === app)
  return {
    name: app,
    isPaused: isHeld,
    waits,
    target: () => {
      if (isHeld()) return undefined
      for (const [slot, worker] of readLinks(paths.run)) {
        const record = appOf(slot) === app ? workers.lookAt(worker) : undefined
        if (record?.state.is === 'ready') return workers.socketOf(record)
      }
      return undefined
    },
    nextTryMs: () => {
      if (isHeld()) return undefined
      const prospects = ofApp().map(({ slot, state }) => {
        return { state, failedToStart: workers.history(slot).lastRestart?.cause === 'failed' }
      })
      return nextTryMs(prospects, steadyNow())
    },
    startingMs: () => {
      if (isHeld() || locate(paths.plugins, plugin).mode !== 'dev_link') return undefined
      const all = ofApp().flatMap(({ state }) => (state.is === 'starting' ? [steadyNow() - state.since] : []))
      return all.length === 0 ? undefined : Math.max(...all)
    },
    longestMs: () => {
      const drains = ofApp().flatMap(({ id }) => workers.get(id)?.policy.drainMs ?? [])
      return drains.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...drains) - BEYOND_TIMEOUT_MS
    },
  }
}
