import { join } from 'node:path'
import { readJson } from '../disk/read-json.ts'
import { RELEASES } from './plugins-directory.ts'
import { currentRelease } from './releases.ts'

/** The name, beside the releases of a plugin, of what comes into force with one of them. */
export const PENDING = 'pending.json'

export interface Pending {
  readonly release: string
  /** The text of the user's overrides; null: there are none. */
  readonly overrides: string | null
  /** What their file said then. When somebody has written it since, that counts. */
  readonly replaces: string | null
}

export function pendingFile(plugins: string, name: string): string {
  return join(plugins, RELEASES, name, PENDING)
}

/**
 * The user's overrides that are in force though their file says `written` (null: is not there); null: none are. Undefined when
 * what the file says is right.
 */
export function pendingOverrides(plugins: string, name: string, written: string | null): string | null | undefined {
  const pending = readJson(pendingFile(plugins, name))
  if (!isPending(pending) || pending.replaces !== written) return undefined
  return pending.release === currentRelease(plugins, name) ? pending.overrides : undefined
}

function isPending(value: unknown): value is Pending {
  return typeof value === 'object' && value !== null && ['release', 'overrides', 'replaces'].every((key) => key in value)
}
