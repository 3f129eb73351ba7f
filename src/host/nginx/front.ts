import type { NginxPaths, Routes, ServerSettings } from '../../desired/desired.ts'
import type { Problem } from '../../problem.ts'

/** What came of publishing routes. Quarantined plugins are left out of what is served, each with nginx's own message. */
export type Publication =
  | {
      readonly is: 'running'
      readonly did: 'started' | 'reloaded' | 'nothing'
      readonly quarantined: ReadonlyMap<string, Problem>
      /** Plugins that are served with the last fragments that nginx accepted, each with why it refuses the present ones. */
      readonly withKeptFragments: ReadonlyMap<string, Problem>
    }
  | { readonly is: 'failed'; readonly problem: Problem }

/** The web server in front of the workers. */
export interface Front {
  /** What keeps these settings of the module from being served, plugins apart. Nothing that runs is touched. */
  prove(server: ServerSettings, paths: NginxPaths): Promise<readonly Problem[]>
  /** The pid of its master, if it runs. */
  pid(): number | undefined
  /** Proves the routes, then serves them: by a reload if it runs, else by a start. */
  publish(routes: Routes): Promise<Publication>
  /** Finishes what is under way for at most `withinMs`, then ends. */
  stop(withinMs: number): Promise<void>
}
