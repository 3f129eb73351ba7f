import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { processOf } from '../../worker/transition.ts'
import type { Paths } from '../home/paths.ts'
import { environmentOf, isAlive, workingDirectoryOf } from '../process/proc.ts'
import { readRecords } from '../workers/worker-record.ts'
import { RELEASES } from './plugins-directory.ts'
import { releasesOf } from './releases.ts'

/** The releases that living workers were started from, whether or not a daemon runs: while they serve, these must stay. */
export function releasesInUse(name: string, { plugins, workers }: Paths): ReadonlySet<string> {
  const known = releasesOf(plugins, name)
  if (known.length === 0) return new Set()
  const base = realpathSync(join(plugins, RELEASES, name))
  const places = readRecords(workers)
    .records.filter(({ app }) => app.startsWith(`${name}/`))
    .flatMap(({ state }) => processOf(state) ?? [])
    .filter(isAlive)
    .flatMap(({ pid }) => [workingDirectoryOf(pid), environmentOf(pid)['MFSERV_CURRENT_PLUGIN_DIR']])
  const ids = known.map(({ id }) => id)
  return new Set(ids.filter((id) => places.some((place) => isWithin(place, join(base, id)))))
}

function isWithin(place: string | undefined, directory: string): boolean {
  return place !== undefined && `${place}${sep}`.startsWith(`${directory}${sep}`)
}
