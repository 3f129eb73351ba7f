import { setTimeout as pause } from 'node:timers/promises'
import type { PluginReport } from '../../daemon/protocol.ts'
import { pluginTrouble } from '../../daemon/trouble-text.ts'
import { appId, linkName, slotId } from '../../desired/slot.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import { judge } from '../../release/judge.ts'
import { readModule } from '../module-environment.ts'
import { userOverrides } from '../override-files.ts'
import { marginOf, type Recorder } from '../recorder.ts'
import { untilEnded } from '../until-ended.ts'
import { readWhole } from './bring-in.ts'
import { releasesOf, writeRelease } from './releases.ts'
import type { Surroundings } from './surroundings.ts'
import { switchOver } from './switch-over.ts'
import { endTrial, refused, setCanary, tryRelease } from './try-release.ts'

/** A whole release that is to take the place of the one in force. */
export interface Replacement {
  readonly name: string
  /** The ids of the two releases. */
  readonly from: string
  readonly to: string
  readonly plugin: Plugin
  /** The text of the user's overrides that comes with it; null: none. Absent: those of now stay. */
  readonly overrides?: string | null
}

export interface Caution {
  /** How long the new version is compared with the one before; 0: not at all. */
  readonly watchSeconds: number
  /** The share of the requests it gets before that; 0: none. */
  readonly canaryPercent: number
  readonly canarySeconds: number
}

/** `went-back`: the new version served, was worse, and the old one serves again. */
export type Replaced =
  | { readonly is: 'replaced'; readonly report: PluginReport; readonly stillLeaving: number }
  | { readonly is: 'went-back'; readonly because: string }
  | { readonly is: 'not running' }

/**
 * Replaces the release in force by another one under load: tries it, perhaps as a canary, commits it, waits for the old
 * workers, and watches it. What is worse than the version before is taken back. Throws RELEASE_FAILED when the new version
 * never served; the old one went on all the time then.
 */
export async function replaceRelease(
  change: Replacement,
  caution: Caution,
  recorder: Recorder,
  at: Surroundings,
): Promise<Replaced> {
  const { paths, timeline } = at
  const trial = { ...change, release: change.to }
  const old = await readWhole(change.name, change.from, undefined, at)
  const before = userOverrides(change.name, paths, at.env)
  const tried = await tryRelease(trial, paths, timeline)
  if (tried === 'ready' && caution.canaryPercent > 0) await watchCanary(change, caution, recorder, at)
  leave(change, before, at)
  const settled = await timeline.phase('Switching over', () => {
    recorder.swapped()
    return switchOver(trial, paths)
  })
  if (settled.is === 'not running') return settled
  const back: Replacement = { name: change.name, from: change.to, to: change.from, plugin: old, overrides: before }
  if (!isSound(settled.report)) {
    const trouble = pluginTrouble(settled.report)
    await goBack(back, trouble, recorder, at)
    throw refused(change.name, change.to, trouble)
  }
  const stillLeaving = await timeline.phase('Waiting for the connections of the old workers', () =>
    untilEnded(change.name, paths),
  )
  recorder.ended()
  const because = caution.watchSeconds > 0 ? await watch(caution.watchSeconds, recorder, at) : undefined
  if (because === undefined) return { is: 'replaced', report: settled.report, stillLeaving }
  await goBack(back, [because], recorder, at)
  return { is: 'went-back', because }
}

/** A stopped plugin stays stopped: that its new version starts has been seen when it was tried. */
function isSound({ state }: PluginReport): boolean {
  return state === 'serving' || state === 'stopped'
}

/** Sends a share of the requests to the new version for a while. Throws RELEASE_FAILED when it is worse; it is tried no longer then. */
async function watchCanary(change: Replacement, caution: Caution, recorder: Recorder, at: Surroundings): Promise<void> {
  const { paths, timeline, env } = at
  const { canaryPercent: percent, canarySeconds: seconds } = caution
  const trial = { ...change, release: change.to }
  try {
    await timeline.phase(`Sending it ${percent} % of the requests for ${seconds} s`, async () => {
      const slots = await setCanary(trial, percent, paths)
      const links = linksOf(change.name, slots)
      if (links.size === 0) throw noCanary(change.name)
      timeline.say(`  ${canaryText(slots)}`)
      recorder.canaryBegan(({ link }) => link !== undefined && links.has(link))
      await pause(seconds * 1000)
      recorder.canaryEnded()
    })
    const { before, canary } = await recorder.measured()
    const verdict = canary === undefined ? 'good' : judge(before, canary, marginOf(readModule(paths, env).config.settings))
    if (verdict !== 'good') throw refused(change.name, change.to, [`as a canary it was worse: ${verdict.because}`])
  } catch (error) {
    recorder.canaryEnded()
    await endTrial(change.name, paths)
    throw error
  }
}

/** The links of the slots that point at the canary. */
function linksOf(plugin: string, slots: ReadonlyMap<string, number>): ReadonlySet<string> {
  const links = [...slots].flatMap(([app, count]) =>
    Array.from({ length: count }, (_, index) => linkName(slotId(appId(plugin, app), index + 1))),
  )
  return new Set(links)
}

function canaryText(slots: ReadonlyMap<string, number>): string {
  return [...slots]
    .map(([app, count]) => `app ${app}: ${count} of its workers ${count === 1 ? 'is' : 'are'} of the new version`)
    .join('; ')
}

function noCanary(name: string): Problem {
  return new Problem(
    'USAGE',
    `no app of ${name} has two workers, so none can be a canary`,
    'Give an app two workers or more in its overrides, or leave --canary out.',
  )
}

/** Keeps with the old release what was in force with it, so that a rollback brings it back. */
function leave({ name, from }: Replacement, overrides: string | null, { paths }: Surroundings): void {
  const record = releasesOf(paths.plugins, name).find(({ id }) => id === from)
  if (record !== undefined) writeRelease(paths.plugins, { ...record, overrides, leftAt: new Date().toISOString() })
}

/** Undefined when the new version is as good as the old one. */
async function watch(seconds: number, recorder: Recorder, { paths, timeline, env }: Surroundings): Promise<string | undefined> {
  return await timeline.phase(`Watching it for ${seconds} s`, async () => {
    await pause(seconds * 1000)
    const { before, after } = await recorder.measured()
    recorder.watched()
    const verdict = judge(before, after, marginOf(readModule(paths, env).config.settings))
    return verdict === 'good' ? undefined : verdict.because
  })
}

/**
 * The old version comes back through the same gate. When it cannot be started any more, the new one is all there is: it stays
 * in force, and the Problem says both.
 */
async function goBack(change: Replacement, trouble: readonly string[], recorder: Recorder, at: Surroundings): Promise<void> {
  const { paths, timeline } = at
  recorder.watched()
  const trial = { ...change, release: change.to }
  try {
    await tryRelease(trial, paths, timeline)
    await timeline.phase('Going back', () => switchOver(trial, paths))
    await timeline.phase('Waiting for the connections of the new workers', () => untilEnded(change.name, paths))
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'RELEASE_FAILED') throw error
    throw new Problem(
      'RELEASE_FAILED',
      [`release ${change.from} of ${change.name} is in force and not as it should be:`, ...trouble, error.message].join('\n'),
      'Mend the plugin and swap in a new release.',
      undefined,
      error,
    )
  }
  recorder.ended()
}
