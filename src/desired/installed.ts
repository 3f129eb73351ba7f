import type { Plugin } from '../plugin/plugin.ts'
import type { Layer } from './environment.ts'

/** A plugin as it is installed: its model and what on disk changes how it runs. */
export interface InstalledPlugin extends RoutablePlugin {
  readonly fingerprint: string
  /** The interpreter of the plugin's virtualenv, if it has one. */
  readonly python3Path: string | undefined
  /** What that is, such as `cpython-312`: the framework's own packages for it are others. */
  readonly pythonTag?: string | undefined
  /** The same of its virtualenv for Python 2. */
  readonly python2Path?: string | undefined
  /** The Node that npm installed into it, if it depends on one. */
  readonly nodePath?: string | undefined
  readonly sitePackages?: Layer['sitePackages']
  readonly isDeveloped?: Layer['isDeveloped']
}

/** A plugin and those it depends on, the nearest first. */
export interface LayeredPlugin extends InstalledPlugin {
  readonly layers: readonly InstalledPlugin[]
}

export interface Candidate {
  readonly installed: InstalledPlugin
  /** The share of the requests it is to get before it is committed; 0 is none. */
  readonly canaryPercent: number
}

export interface RoutablePlugin {
  readonly plugin: Plugin
  /** Changes whenever a watched file of a plugin in development changes. */
  readonly fingerprint?: string | undefined
  /** Directories that exist, relative to the plugin. */
  readonly directories: ReadonlySet<string>
  /**
   * Where nginx finds its files, if not in its home: a path that leads to the present release, so that another release with
   * the same routes is the same text for nginx.
   */
  readonly servedFrom?: string | undefined
}
