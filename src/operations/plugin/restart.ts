import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { ofPlugin, untilReport } from '../../control/daemon-process.ts'
import type { PluginReport, SlotReport, StatusReport } from '../../control/protocol.ts'
import { untilEnded } from '../../control/until-ended.ts'
import type { Paths } from '../../host/home/paths.ts'
import { restartsOf, writeRestarts } from '../../host/plugins/plugin-marks.ts'
import { Recorder } from '../../host/receipts/recorder.ts'
import { currentRelease } from '../../host/releases/releases.ts'
import { Problem } from '../../problem.ts'
import type { Receipt } from '../../receipt/receipt.ts'

export interface Restarted {
  readonly report: PluginReport
  readonly receipt: Receipt
}

/** So long the new workers are measured before the receipt is written. */
const AFTER_MS = 2000

/**
 * Replaces every worker of a plugin by one of the same version, as a changed file does: the new ones are started beside the
 * old ones and take their place when all of them answer. Daemons end before they are started again. When the new workers do
 * not come up, the old ones go on and the receipt says so.
 */
export async function restartPlugin(name: string, settings: Settings, paths: Paths): Promise<Restarted> {
  const before = find(name, await askControl(paths.control, 'POST /look', { plugin: name }))
  const release = currentRelease(paths.plugins, name) ?? 'dev_link'
  const count = restartsOf(paths).get(name) ?? 0
  const recorder = Recorder.start({ plugin: name, what: 'restart', from: release, paths, settings })
  try {
    const old = new Set(pidsOf(before))
    const started = await recorder.phase('start', async () => {
      writeRestarts(name, count + 1, paths)
      await askControl(paths.control, 'POST /look', { plugin: name })
      return await until((plugin) => isDecided(plugin) || haveNewWorkers(plugin, old))
    })
    const report = isDecided(started) ? started : await recorder.phase('daemons', () => until(isDecided))
    if (report.state !== 'serving') return await undo(report)
    await recorder.phase('drain', () => untilEnded(name, paths))
    recorder.oldHasEnded()
    await delay(AFTER_MS)
    return { report, receipt: await recorder.finish(release, { is: 'done' }) }
  } finally {
    recorder.close()
  }

  async function until(isSo: (plugin: PluginReport) => boolean): Promise<PluginReport> {
    const isDone = ({ plugins }: StatusReport): boolean => plugins.every((one) => one.name !== name || isSo(one))
    return find(name, await untilReport(paths, isDone, ofPlugin(name)))
  }

  /** Another number would be tried again and again; with the one before, the old workers are what is wanted. */
  async function undo(report: PluginReport): Promise<Restarted> {
    await recorder.phase('undo', async () => {
      writeRestarts(name, count, paths)
      await askControl(paths.control, 'POST /look', { plugin: name })
      await untilEnded(name, paths)
    })
    return { report, receipt: await recorder.finish(release, { is: 'failed', because: `the new workers are ${report.state}` }) }
  }
}

function isDecided({ state }: PluginReport): boolean {
  return state !== 'starting'
}

/** Every app that is awake has its new workers behind nginx; its daemons may still be on their way. */
function haveNewWorkers({ apps }: PluginReport, old: ReadonlySet<number>): boolean {
  const isNew = ({ actual, pid }: SlotReport): boolean =>
    actual === 'asleep' || (actual === 'ready' && pid !== null && !old.has(pid))
  return apps.every(({ slots }) => slots.every(isNew))
}

function pidsOf({ apps }: PluginReport): readonly number[] {
  return apps.flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []))
}

function find(name: string, report: StatusReport | undefined): PluginReport {
  const plugin = report?.plugins.find((one) => one.name === name)
  if (plugin !== undefined) return plugin
  throw new Problem('DAEMON_DOWN', `mfserv does not run, so ${name} has no workers that could be replaced`, 'mfserv.start')
}
