import { Problem } from '../../problem.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { unwritable } from '../disk/disk-problem.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from './paths.ts'
import { version } from './version.ts'

/**
 * The version of everything that mfserv keeps below `var/`. It grows by one when an mfserv before the change could not read, or
 * would spoil, what one after the change writes. What the versions before had is read for ever.
 */
export const STATE_VERSION = 1

/** Throws STATE_NEWER where a newer mfserv has written the runtime home: to go on could spoil what that one keeps. */
export function refuseNewerState({ stateVersion: file }: Pick<Paths, 'stateVersion'>, own = version()): void {
  const text = textOf(file)?.trim() ?? ''
  // A home from before this file, or one whose disk has lost the text.
  if (text === '') return
  const [, written] = /"version": *(\d+)/.exec(text) ?? []
  if (written !== undefined && Number(written) <= STATE_VERSION) return
  const [, by] = /"by": *"([^"]+)"/.exec(text) ?? []
  const who = by === undefined ? 'a newer mfserv' : `mfserv ${by}`
  const what = written === undefined ? 'a state of an unknown version' : `state of version ${written}`
  throw new Problem(
    'STATE_NEWER',
    `${who} has written this runtime home, with ${what}; this is mfserv ${own}, which knows version ${STATE_VERSION}`,
    `Install ${who === 'a newer mfserv' ? 'the newer mfserv' : who} again, or restore a backup that was made before it. Nothing was changed.`,
    { file },
  )
}

/** Writes down what the state is from now on. Whoever calls it has the lock of the home. Answers what kept it from being written. */
export function recordState({ stateVersion: file }: Pick<Paths, 'stateVersion'>, by: string): Problem | undefined {
  const text = `${JSON.stringify({ version: STATE_VERSION, by })}\n`
  try {
    if (textOf(file) !== text) writeAtomically(file, text)
    return undefined
  } catch (error) {
    return unwritable(error, file)
  }
}
