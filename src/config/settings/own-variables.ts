import { variableName } from '../config.ts'
import { SETTINGS } from '../settings.ts'

/** What an app tells others of itself: of a change of these its processes have to know. */
const ADDRESS: ReadonlySet<string> = new Set(['nginx.port', 'nginx.https_port'])

/**
 * The variables of the settings that mfserv itself gives a meaning to. A process has those of its start, and none is replaced
 * because another value is written: what a setting means for a worker is in the rest of what it is started with.
 */
export const OWN_VARIABLES: ReadonlySet<string> = new Set([
  ...Object.entries(SETTINGS).flatMap(([section, keys]) =>
    Object.keys(keys)
      .filter((key) => !ADDRESS.has(`${section}.${key}`))
      .map((key) => variableName('MFSERV', section, key)),
  ),
  'MFLOG_MINIMAL_LEVEL',
])
