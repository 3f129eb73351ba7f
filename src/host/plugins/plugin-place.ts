import type { Environment } from '../../desired/environment.ts'

/** A plugin as the commands that work inside it need it. */
export interface PluginPlace {
  readonly name: string
  readonly home: string
  /** The environment its workers have, without what is an app's own. The directories it names for the plugin's own use exist. */
  readonly environment: Environment
}

export interface Search {
  /** Name of an installed plugin, or a directory written with a slash or a dot. */
  readonly wanted: string
  /** The directory of plugins; undefined for the one of the runtime home. */
  readonly base: string | undefined
}
