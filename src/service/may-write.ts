import { Problem } from '../problem.ts'
import type { FoundUnit } from './unit.ts'

interface There extends FoundUnit {
  readonly file: string
  readonly text: string
}

/** What becomes of a unit file that may be there already. */
export type Writing =
  | { readonly is: 'write' }
  | { readonly is: 'as it is' }
  | { readonly is: 'refused'; readonly problem: Problem }

/** `force`: what a person has written into it may be lost. */
export function mayWrite(there: There | undefined, wanted: { text: string; runtimeHome: string }, force: boolean): Writing {
  if (there?.text === wanted.text) return { is: 'as it is' }
  if (there === undefined || force) return { is: 'write' }
  if (there.is !== 'as written') return { is: 'refused', problem: changedByHand(there) }
  if (there.runtimeHome === wanted.runtimeHome) return { is: 'write' }
  const message = `this unit file is the service of another runtime home, ${there.runtimeHome ?? 'which it does not name'}`
  const fix = 'Remove that service first (mfserv service remove), or take its place: mfserv service install --force'
  return { is: 'refused', problem: new Problem('SERVICE', message, fix, { file: there.file }) }
}

/** What keeps a file from being removed. */
export function mayRemove(there: There, force: boolean): Problem | undefined {
  return there.is === 'as written' || force ? undefined : changedByHand(there)
}

function changedByHand({ is, file }: There): Problem {
  const message = is === 'edited' ? 'this unit file was changed by hand' : 'this unit file was not written by mfserv'
  const keep = 'Move what you have changed into a drop-in (systemctl edit), which is never overwritten'
  return new Problem('SERVICE', message, `${keep}. To lose it: --force`, { file })
}
