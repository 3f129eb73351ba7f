import { mkdirSync } from 'node:fs'

/** Of a process of a plugin. */
type Environment = Readonly<Record<string, string | undefined>>

const FOR_US_ALONE = 0o700

/** Makes the directories that the environment of a plugin promises, before anything of the plugin is run. */
export function makeOwnDirectories({ TMPDIR: temporary, MFSERV_CURRENT_PLUGIN_DATA_DIR: data }: Environment): void {
  if (temporary !== undefined) mkdirSync(temporary, { recursive: true, mode: FOR_US_ALONE })
  if (data !== undefined) mkdirSync(data, { recursive: true, mode: FOR_US_ALONE })
}
