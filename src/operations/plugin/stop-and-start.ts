import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport, StatusReport } from '../../control/protocol.ts'
import { untilEnded } from '../../control/until-ended.ts'
import type { Paths } from '../../host/home/paths.ts'
import { keptAside, settleAside } from '../../host/plugins/aside/aside.ts'
import { markStopped, unmarkStopped } from '../../host/plugins/plugin-marks.ts'

/** `not running`: no daemon does it now; it counts when one is started. `still ending`: workers that did not end in their time. */
export type Stopped = { readonly is: 'stopped' | 'not running' } | { readonly is: 'still ending'; readonly workers: number }

export type Started = { readonly is: 'started'; readonly report: PluginReport } | { readonly is: 'not running' }

/** nginx refuses requests of the plugin within a second; what is under way is finished, then its workers and daemons end. */
export async function stopPlugin(name: string, paths: Paths): Promise<Stopped> {
  markStopped(name, paths)
  // No request may come to a worker that has been told to end.
  await keptAside(name, paths)
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return { is: 'not running' }
  const workers = await untilEnded(name, paths)
  return workers === 0 ? { is: 'stopped' } : { is: 'still ending', workers }
}

/** Answers when the plugin serves, or when it is settled that it does not: the report says why. */
export async function startPlugin(name: string, paths: Paths): Promise<Started> {
  unmarkStopped(name, paths)
  settleAside(name, paths)
  if ((await askControl(paths.control, 'POST /look', { plugin: name })) === undefined) return { is: 'not running' }
  const find = ({ plugins }: StatusReport): PluginReport | undefined => plugins.find((one) => one.name === name)
  const isSettled = (report: StatusReport): boolean => find(report)?.state !== 'starting'
  const report = await untilReport(paths, isSettled, ofPlugin(name))
  const plugin = report === undefined ? undefined : find(report)
  return plugin === undefined ? { is: 'not running' } : { is: 'started', report: plugin }
}
