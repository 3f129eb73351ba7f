import { askControl } from '../../control/client.ts'
import type { PluginReport, SlotReport } from '../../control/protocol.ts'
import { pluginTrouble } from '../../control/trouble-text.ts'
import type { Paths } from '../../host/home/paths.ts'
import type { Interruption } from '../../host/process/interruption.ts'
import type { Recorder } from '../../host/receipts/recorder.ts'
import { type Judgement, judge, judgeEarly, type Margin } from '../../receipt/judge.ts'
import type { RestartReport } from '../../worker/history.ts'
import { reasonText } from '../../worker/reason.ts'
import { failedCandidate } from './try-release.ts'

/** `unwatched`: it gets no requests any more, so there is nothing to be seen: mfserv ended, or somebody keeps them from it. */
export type Watched = Judgement | { readonly is: 'unwatched' }

export interface Watch {
  readonly name: string
  readonly seconds: number
  readonly margin: Margin
  /** Whoever interrupts does not want the new version. */
  readonly interruption: Interruption
}

export const INTERRUPTED = { is: 'worse', because: 'the command was interrupted' } as const satisfies Judgement

const LOOK_MS = 1000
/** One worker may end for a reason of its own. */
const MOST_DEATHS = 1

/**
 * Compares the new version with the old one for a while: its requests, and whether its workers live. Answers as soon as it is
 * worse for certain.
 */
export async function watchRelease(
  { name, seconds, margin, interruption }: Watch,
  recorder: Recorder,
  paths: Paths,
): Promise<Watched> {
  const first = await reportOf(name, paths)
  return await untilInterrupted(seconds, interruption, async (isLast) => {
    const plugin = await reportOf(name, paths)
    if (plugin === undefined || !isAsked(plugin)) return { is: 'unwatched' }
    if (plugin.state !== 'serving' && plugin.state !== 'starting')
      return { is: 'worse', because: pluginTrouble(plugin).join('\n') }
    const because = deathsText(plugin, first)
    if (because !== undefined) return { is: 'worse', because }
    const { before, after } = isLast ? await recorder.measured() : recorder.soFar()
    return isLast ? judge(before, after, margin) : judgeEarly(before, after, margin)
  })
}

/** The same for one that gets a share of the requests; `release` is its id. */
export async function watchCandidate(
  { name, seconds, margin, interruption, release }: Watch & { readonly release: string },
  recorder: Recorder,
  paths: Paths,
): Promise<Watched> {
  const first = await reportOf(name, paths)
  return await untilInterrupted(seconds, interruption, async (isLast) => {
    const report = await askControl(paths.control, 'GET /status')
    const candidate = report?.candidates.find((one) => one.plugin === name && one.release === release)
    const plugin = report?.plugins.find((one) => one.name === name)
    if (candidate === undefined || plugin === undefined) return { is: 'unwatched' }
    if (candidate.state === 'failing' || candidate.state === 'refused')
      return { is: 'worse', because: failedCandidate(candidate).join('\n') }
    const because = deathsText(plugin, first)
    if (because !== undefined) return { is: 'worse', because }
    if (isLast) recorder.canaryEnded()
    const { before, canary } = isLast ? await recorder.measured() : recorder.soFar()
    if (canary === undefined) return 'good'
    return isLast ? judge(before, canary, margin) : judgeEarly(before, canary, margin)
  })
}

/** Looks every second until something but `good` is seen, and a last time when the time is up. */
async function untilInterrupted(
  seconds: number,
  interruption: Interruption,
  look: (isLast: boolean) => Promise<Watched>,
): Promise<Watched> {
  for (let left = seconds * 1000; !interruption.hasCome; left -= LOOK_MS) {
    const seen = await look(left <= 0)
    if (seen !== 'good') return seen
    if (left <= 0 && !interruption.hasCome) return 'good'
    await interruption.pause(Math.min(LOOK_MS, Math.max(0, left)))
  }
  return INTERRUPTED
}

/** Whether requests come to it. What nginx answers for a plugin in maintenance, or after a pause, says nothing about its version. */
export function isAsked({ state, aside = [] }: PluginReport): boolean {
  return state !== 'stopped' && aside.length === 0
}

/** Undefined when no more workers have ended by themselves since `first` than may. */
function deathsText(plugin: PluginReport, first: PluginReport | undefined): string | undefined {
  const slotsOf = ({ apps }: PluginReport): readonly SlotReport[] => apps.flatMap(({ slots }) => slots)
  const before = first === undefined ? [] : slotsOf(first)
  const dead = slotsOf(plugin).flatMap(({ restarts, lastRestart }, index) => {
    const known = before[index]
    const isNew = lastRestart !== undefined && lastRestart.at !== known?.lastRestart?.at
    return isNew && isDeath(lastRestart) ? [{ count: restarts - (known?.restarts ?? 0), lastRestart }] : []
  })
  const deaths = dead.reduce((sum, { count }) => sum + count, 0)
  if (deaths <= MOST_DEATHS) return undefined
  const { reason } = dead.map(({ lastRestart }) => lastRestart).toSorted((one, other) => other.at - one.at)[0] ?? {}
  return `its workers ended ${deaths} times by themselves${reason === undefined ? '' : `: ${reasonText(reason)}`}`
}

function isDeath({ cause }: RestartReport): boolean {
  return cause === 'crashed' || cause === 'failed'
}

async function reportOf(name: string, { control }: Paths): Promise<PluginReport | undefined> {
  const report = await askControl(control, 'GET /status')
  return report?.plugins.find((one) => one.name === name)
}
