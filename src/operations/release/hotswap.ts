import { untilEnded } from '../../control/until-ended.ts'
import { readModule } from '../../host/module/module-environment.ts'
import { installedName } from '../../host/plugins/find-plugin.ts'
import { Recorder } from '../../host/receipts/recorder.ts'
import { releasesInUse } from '../../host/releases/in-use.ts'
import { prune } from '../../host/releases/prune.ts'
import { currentRelease, type ReleaseRecord, releasesOf, removeRelease } from '../../host/releases/releases.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import type { Change, Outcome, Receipt } from '../../receipt/receipt.ts'
import { shellArgument } from '../../shell-quote.ts'
import { bringIn, readWhole, renewEnvironments } from './bring-in.ts'
import { withReleases } from './changes.ts'
import { readIncoming, requireTrust } from './incoming.ts'
import { notesOn } from './notes.ts'
import type { Surroundings } from './place-of-change.ts'
import { type Caution, type Replaced, type Replacement, replaceRelease } from './replace.ts'
import { endTrial, reasonsOf } from './try-release.ts'

export interface Swapped {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly replaced: Replaced | { readonly is: 'unchanged' }
  /** Absent when no daemon runs, or when nothing was done. */
  readonly receipt: Receipt | undefined
  /** As of an installation. */
  readonly notes: readonly string[]
}

/** Replaces an installed plugin by the one of a .plugin file. Throws Problems; what served before goes on then. */
export async function hotswap(file: string, newName: string | undefined, caution: Caution, at: Surroundings): Promise<Swapped> {
  const facts = await readIncoming(file, at)
  const name = newName ?? facts.name
  return withReleases(at.paths, { plugin: name, what: `plugins.hotswap ${file}` }, async () => {
    const words = `${newName === undefined ? '' : `--new-name ${newName} `}${shellArgument(file)}`
    const from = inForce(name, `plugins.install ${words}`, at)
    const to = facts.id
    if (from === to) return { name, from, to, replaced: { is: 'unchanged' }, receipt: undefined, notes: [] }
    return await recorded({ name, what: 'hotswap', from, to }, caution, at, async (recorder, inner) => {
      const { plugin, how } = await bringIn(file, facts, name, inner)
      const replaced = await replaceRelease({ name, from, to, plugin }, caution, recorder, inner).catch(
        async (error: unknown) => {
          if (how === 'new') await dropUnlessInForce(name, to, at)
          throw error
        },
      )
      if (how === 'new') await dropUnlessInForce(name, to, at)
      return { replaced, plugin }
    })
  })
}

/**
 * Goes back to a release that is kept: the one that was in force last, or `to`, with the overrides that were in force with
 * it. Throws RELEASE_NOT_FOUND, and Problems as a hot swap does.
 */
export async function rollback(wanted: string, to: string | undefined, caution: Caution, at: Surroundings): Promise<Swapped> {
  const { paths } = at
  const name = installedName(wanted, paths.plugins)
  return withReleases(paths, { plugin: name, what: `plugins.rollback ${name}` }, async () => {
    const from = inForce(name, 'make develop again', at)
    const target = releaseToGoBackTo(name, from, to, at)
    requireTrust(name, target.id, at)
    return await recorded({ name, what: 'rollback', from, to: target.id }, caution, at, async (recorder, inner) => {
      await inner.timeline.phase('Checking its environment', () => renewEnvironments(name, target.id, inner))
      const overrides = target.overrides === undefined ? {} : { overrides: target.overrides }
      const plugin = readWhole(name, target.id, target.overrides, inner)
      const change: Replacement = { name, from, to: target.id, plugin, ...overrides }
      return { replaced: await replaceRelease(change, caution, recorder, inner), plugin }
    })
  })
}

/**
 * A release that was brought in and not taken leaves nothing, once the workers that were started for it have ended. Without a
 * daemon they may serve on: then it stays for as long as releases are kept.
 */
async function dropUnlessInForce(name: string, id: string, { paths }: Surroundings): Promise<void> {
  if (currentRelease(paths.plugins, name) === id) return
  await endTrial(name, paths)
  await untilEnded(name, paths)
  if (!releasesInUse(name, paths).has(id)) removeRelease(paths.plugins, name, id)
}

interface Named {
  readonly name: string
  readonly what: Change
  readonly from: string
  readonly to: string
}

/** Runs a change with a recorder, and keeps the receipt of what was tried on those who ask, whatever came of it. */
async function recorded(
  { name, what, from, to }: Named,
  caution: Caution,
  at: Surroundings,
  change: (recorder: Recorder, inner: Surroundings) => Promise<{ replaced: Replaced; plugin: Plugin }>,
): Promise<Swapped> {
  const { paths, env } = at
  const { settings } = readModule(paths, env).config
  const seconds = Math.max(1, caution.watchSeconds)
  const recorder = Recorder.start({ plugin: name, what, from, paths, settings, seconds })
  try {
    const { replaced, plugin } = await change(recorder, { ...at, timeline: at.timeline.keptBy(recorder) })
    const receipt = replaced.is === 'not running' ? undefined : await recorder.finish(to, outcomeOf(replaced))
    if (replaced.is !== 'went-back') prune(name, settings.releases.keep, paths)
    return { name, from, to, replaced, receipt, notes: replaced.is === 'went-back' ? [] : notesOn(name, plugin, at) }
  } catch (error) {
    if (error instanceof Problem && error.code === 'RELEASE_FAILED') {
      const isInForce = currentRelease(paths.plugins, name) === to
      await recorder.finish(to, { is: isInForce ? 'stuck' : 'failed', because: reasonsOf(error, name, to) })
    }
    throw error
  } finally {
    recorder.close()
  }
}

function outcomeOf(replaced: Replaced): Outcome {
  return replaced.is === 'went-back' ? { is: 'went-back', because: replaced.because } : { is: 'done' }
}

/** The release in force. Throws when the plugin is not installed from a release. */
function inForce(name: string, instead: string, { paths }: Surroundings): string {
  const installed = installedName(name, paths.plugins, `Install it: ${instead}`)
  const current = currentRelease(paths.plugins, installed)
  if (current !== undefined) return current
  throw new Problem(
    'RELEASE_NOT_FOUND',
    `${name} is served from its sources, so it has no release that could be replaced`,
    `Edit the sources, or remove the development link (plugins.uninstall ${name}) and use plugins.install.`,
  )
}

function releaseToGoBackTo(name: string, current: string, to: string | undefined, { paths }: Surroundings): ReleaseRecord {
  const others = releasesOf(paths.plugins, name).filter(({ id }) => id !== current)
  const latest = others.filter(({ leftAt }) => leftAt !== undefined).toSorted(byLeft)
  const isNamed = ({ id, version, release }: ReleaseRecord): boolean => id === to || `${version}-${release}` === to
  const found = to === undefined ? latest.at(-1) : others.filter(isNamed).toSorted(byLeft).at(-1)
  if (found !== undefined) return found
  const kept = others.map(({ id }) => id).join(', ')
  throw new Problem(
    'RELEASE_NOT_FOUND',
    to === undefined ? `${name} has no release to go back to` : `${name} has no release "${to}" besides the one in force`,
    kept === '' ? 'No other release is kept.' : `Kept are ${kept}: plugins.rollback ${name} --to RELEASE`,
  )
}

function byLeft({ leftAt: one = '' }: ReleaseRecord, { leftAt: other = '' }: ReleaseRecord): number {
  return one < other ? -1 : 1
}
