import { chmodSync, mkdirSync } from 'node:fs'

/** Of a process of a plugin. */
type Environment = Readonly<Record<string, string | undefined>>

/** What its plugin keeps is for its user, and for programs that share its group. */
const DATA_MODE = 0o750

/** Makes the directories that the environment of a plugin promises, before anything of the plugin is run. */
export function makeOwnDirectories({ TMPDIR: temporary, MFSERV_CURRENT_PLUGIN_DATA_DIR: data }: Environment): void {
  if (temporary !== undefined) mkdirSync(temporary, { recursive: true })
  if (data === undefined) return
  const made = mkdirSync(data, { recursive: true, mode: DATA_MODE })
  // The umask may have taken more away.
  if (made !== undefined) chmodSync(data, DATA_MODE)
}
