import type { StartingWorker } from '../../control/developer/page.ts'
import { partsOf } from '../../desired/slot.ts'
import { lastOutput } from '../../host/logs/last-output.ts'
import { steadyNow } from '../../host/process/clock.ts'
import type { Workers } from '../../host/workers/workers.ts'
import type { Telling } from '../report/telling.ts'
import type { Plugins } from '../wanted/plugins.ts'
import type { Known } from './serve-developers.ts'

/** What is known of the plugins of a daemon at any time. */
export function knownOf(telling: Pick<Telling, 'plugins'>, plugins: Pick<Plugins, 'all'>, workers: Workers): Known {
  return {
    plugins: () => telling.plugins(),
    isDeveloped: (name) => plugins.all().some((plugin) => plugin.name === name && plugin.mode === 'dev_link'),
    starting: (name) => startingWorkers(name, workers),
  }
}

/** The first worker of each app or daemon of a plugin that is being started, and what it has written so far. */
function startingWorkers(plugin: string, workers: Workers): readonly StartingWorker[] {
  const first = new Map<string, StartingWorker>()
  for (const { id, slot, state } of workers.observed()) {
    const { plugin: owner, app } = partsOf(slot)
    const record = workers.get(id)
    if (owner !== plugin || state.is !== 'starting' || record === undefined || first.has(app)) continue
    first.set(app, {
      app,
      forMs: steadyNow() - state.since,
      withinMs: state.readyBy - state.since,
      output: lastOutput(record.logFile, record.logOffset),
    })
  }
  return [...first.values()]
}
