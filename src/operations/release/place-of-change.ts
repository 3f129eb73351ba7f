import { type Paths, pathsOf } from '../../host/home/paths.ts'
import { pluginsDirectory } from '../../host/releases/plugins-directory.ts'
import type { Timeline } from './timeline.ts'

/** Where the commands that change releases work. */
export interface Surroundings {
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  readonly timeline: Timeline
}

/** Where no socket can be, however long the paths are. */
const NO_SOCKET = '/dev/null/no-daemon'

/** With `--plugins-base-dir` another directory holds the plugins, and no daemon serves that one. */
export function pathsFor(paths: Paths, base: string | undefined): Paths {
  if (base === undefined) return paths
  const plugins = pluginsDirectory(base, paths.plugins)
  return plugins === paths.plugins ? paths : { ...paths, plugins, control: NO_SOCKET }
}

/** Whether the daemon, when one runs, serves the plugins of these paths. */
export function isServed({ runtimeHome, plugins }: Paths): boolean {
  return plugins === pathsOf(runtimeHome).plugins
}
