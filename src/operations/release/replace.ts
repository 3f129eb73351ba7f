import type { PluginReport } from '../../control/protocol.ts'
import { pluginTrouble } from '../../control/trouble-text.ts'
import { untilEnded } from '../../control/until-ended.ts'
import { appId, linkName, slotId } from '../../desired/slot.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { userOverrides } from '../../host/plugins/override-files.ts'
import { Interruption } from '../../host/process/interruption.ts'
import { KEPT_CONNECTION_MS, marginOf, type Recorder } from '../../host/receipts/recorder.ts'
import { releasesOf, writeRelease } from '../../host/releases/releases.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem, Problems } from '../../problem.ts'
import { refusedByNginx } from '../check/preview.ts'
import { readRelease } from './bring-in.ts'
import { requireTrust, whyNotTrusted } from './incoming.ts'
import type { Surroundings } from './place-of-change.ts'
import { switchOver, untilSettled } from './switch-over.ts'
import { endTrial, refused, setCanary, tryRelease } from './try-release.ts'
import { INTERRUPTED, isAsked, watchCandidate, watchRelease } from './watch-release.ts'

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
 * never came into force, the old one went on all the time then; or when it did, is not as it should be, and cannot be taken back.
 */
export async function replaceRelease(
  change: Replacement,
  caution: Caution,
  recorder: Recorder,
  at: Surroundings,
): Promise<Replaced> {
  const { paths, timeline } = at
  const trial = { ...change, release: change.to }
  const untrusted = whyNotTrusted(change.name, change.from, at)
  if (untrusted !== undefined) {
    timeline.say(
      `  The release in force could not be installed today, so this change will not be taken back: ${untrusted.message}`,
    )
  }
  if (caution.canaryPercent > 0 && change.plugin.apps.every(({ workers }) => workers < 2)) throw noCanary(change.name)
  await proveFragments(change, at)
  const tried = await tryRelease(trial, paths, timeline)
  // From here on a change that is not wanted has to be taken back.
  const interruption = Interruption.begin()
  try {
    const isCanary = tried === 'ready' && caution.canaryPercent > 0
    if (isCanary) await watchCanary(change, caution, { recorder, interruption }, at)
    return await bringIntoForce(change, caution.watchSeconds, { recorder, interruption }, at)
  } finally {
    interruption.end()
  }
}

interface Watchers {
  readonly recorder: Recorder
  readonly interruption: Interruption
}

async function bringIntoForce(
  change: Replacement,
  watchSeconds: number,
  { recorder, interruption }: Watchers,
  at: Surroundings,
): Promise<Replaced> {
  const { paths, timeline, env } = at
  const { name } = change
  const before = userOverrides(name, paths, env)
  leave(change, before, at)
  const settled = await timeline.phase('Switching over', () => switchOver({ ...change, release: change.to }, paths))
  if (settled.is === 'not running') return settled
  if (!isSound(settled.report)) return await goBack(change, before, pluginTrouble(settled.report).join('\n'), at)
  const stillLeaving = await timeline.phase('Waiting for the connections of the old workers', () =>
    interruption.unless(untilEnded(name, paths)),
  )
  if (stillLeaving === undefined) return await goBack(change, before, INTERRUPTED.because, at)
  recorder.oldHasEnded()
  const replaced: Replaced = { is: 'replaced', report: settled.report, stillLeaving }
  if (watchSeconds === 0 || !isAsked(settled.report)) return replaced
  const margin = marginOf(readModule(paths, env).config.settings)
  const watch = { name, seconds: watchSeconds, margin, interruption }
  const watched = await timeline.phase(`Watching it for ${watch.seconds} s`, () => watchRelease(watch, recorder, paths))
  recorder.watched()
  if (watched === 'good') return replaced
  if (watched.is === 'worse') return await goBack(change, before, watched.because, at)
  return await asItIsNow(replaced, change, at)
}

/** A stopped plugin stays stopped: that its new version starts has been seen when it was tried. */
function isSound({ state }: PluginReport): boolean {
  return state === 'serving' || state === 'stopped'
}

/** nginx would refuse the whole plugin, which the version before is part of. */
async function proveFragments({ name, to, plugin }: Replacement, { paths, env }: Surroundings): Promise<void> {
  if (!plugin.apps.some(({ fragments }) => fragments.app !== undefined || fragments.static !== undefined)) return
  const problems = await refusedByNginx({ ...plugin, name }, paths, env)
  if (problems.length > 0)
    throw refused(
      name,
      to,
      problems.map(({ message }) => message),
    )
}

/** Sends a share of the requests to the new version for a while. Throws RELEASE_FAILED when it is worse; it is tried no longer then. */
async function watchCanary(
  change: Replacement,
  caution: Caution,
  { recorder, interruption }: Watchers,
  at: Surroundings,
): Promise<void> {
  const { paths, timeline, env } = at
  const { canaryPercent: percent, canarySeconds: seconds } = caution
  const { name, to: release } = change
  try {
    const watched = await timeline.phase(`Sending it ${percent} % of the requests for ${seconds} s`, async () => {
      const slots = await setCanary({ ...change, release }, percent, paths)
      const links = linksOf(name, slots)
      if (links.size === 0) throw noCanary(name)
      timeline.say(`  ${canaryText(slots)}`)
      await interruption.pause(KEPT_CONNECTION_MS)
      recorder.canaryBegan(({ link }) => link !== undefined && links.has(link))
      const margin = marginOf(readModule(paths, env).config.settings)
      return await watchCandidate({ name, seconds, margin, interruption, release }, recorder, paths)
    })
    if (watched === 'good') return
    if (watched.is === 'worse') throw refused(name, release, [`as a canary it was worse: ${watched.because}`])
    const fix = 'Start mfserv if it does not run (mfserv.start), and try again.'
    throw new Problem('DAEMON_DOWN', `${name} was served no longer while its release ${release} was a canary`, fix)
  } catch (error) {
    recorder.canaryEnded()
    await endTrial(name, paths)
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

/** Nobody serves it any more: what the report says of it has changed since. */
async function asItIsNow(replaced: Replaced, { name, to }: Replacement, { paths }: Surroundings): Promise<Replaced> {
  const settled = await untilSettled({ name, release: to }, paths)
  return settled.is === 'settled' && replaced.is === 'replaced' ? { ...replaced, report: settled.report } : { is: 'not running' }
}

/**
 * The old version comes back through the same gate, with the overrides of `before` if the change brought others that nobody has
 * edited since. When it cannot be started any more, the new one is all there is: it stays in force, and the Problem says both.
 */
async function goBack(
  { name, from, to, overrides }: Replacement,
  before: string | null,
  because: string,
  at: Surroundings,
): Promise<Replaced> {
  const { paths, timeline, env } = at
  const isTheirs = overrides !== undefined && userOverrides(name, paths, env) === overrides
  const restored = isTheirs ? { overrides: before } : {}
  try {
    requireTrust(name, from, at)
    const plugin = readRelease(name, from, restored.overrides, at)
    const trial = { name, release: from, plugin, ...restored }
    await tryRelease(trial, paths, timeline)
    const settled = await timeline.phase('Going back', () => switchOver(trial, paths))
    if (settled.is === 'settled') {
      await timeline.phase('Waiting for the connections of the new workers', () => untilEnded(name, paths))
      return { is: 'went-back', because }
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new Problem(
      'RELEASE_FAILED',
      [`release ${to} of ${name} is in force and not as it should be:`, because, error.message].join('\n'),
      error instanceof Problem && error.code === 'RELEASE_SIGNATURE'
        ? `Swap in a new release. Release ${from} is not trusted; if you want it all the same, trust its key and run plugins.rollback ${name}.`
        : 'Fix the plugin and swap in a new release.',
      undefined,
      error,
    )
  }
  throw endedMeanwhile(name, from, because)
}

/** The old version does not read or start any more, or is not trusted any more. */
function isRefusal(error: unknown): error is Problem | Problems {
  const isOne = error instanceof Problem && (error.code === 'RELEASE_FAILED' || error.code === 'RELEASE_SIGNATURE')
  return error instanceof Problems || isOne
}

function endedMeanwhile(name: string, from: string, because: string): Problem {
  return new Problem(
    'RELEASE_FAILED',
    `mfserv ended while ${name} went back to release ${from}, which is in force again and serves once mfserv runs:\n${because}`,
    'mfserv.start',
  )
}
