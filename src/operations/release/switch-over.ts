import { realpathSync } from 'node:fs'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport, StatusReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { type Commit, commit } from '../../host/plugins/commit.ts'
import { removeCandidate } from '../../host/releases/candidate.ts'
import { releaseHome } from '../../host/releases/releases.ts'

/** How a plugin fares after a change; `not running`: no daemon serves it. */
export type Settled = { readonly is: 'settled'; readonly report: PluginReport } | { readonly is: 'not running' }

/**
 * Commits a release and waits until it serves, its daemons included: they change places only now. Whether it does is in the
 * report: a daemon may fail, or nginx refuse the routes.
 */
export async function switchOver(change: Commit, paths: Paths): Promise<Settled> {
  commit(paths, change)
  removeCandidate(paths, change.name)
  return await untilSettled(change, paths)
}

export async function untilSettled({ name, release }: Commit, paths: Paths): Promise<Settled> {
  const home = realpathSync(releaseHome(paths.plugins, name, release))
  const find = ({ plugins }: StatusReport): PluginReport | undefined => plugins.find((one) => one.name === name)
  const isSettled = (report: StatusReport): boolean => {
    const plugin = find(report)
    return plugin?.home === home && plugin.state !== 'starting'
  }
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return { is: 'not running' }
  const report = await untilReport(paths, isSettled, ofPlugin(name))
  const plugin = report === undefined ? undefined : find(report)
  return plugin === undefined ? { is: 'not running' } : { is: 'settled', report: plugin }
}
