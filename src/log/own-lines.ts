import type { Millis } from '../time.ts'
import type { LogRecord } from './record.ts'

/** What the daemon says of a plugin in its log, for who follows it. */
export type Heard =
  /** Its sources changed at a moment; other workers follow. */
  | { readonly is: 'changed'; readonly at: Millis }
  /** A worker is in another state. `failed` is told by the status with more than the log has. */
  | { readonly is: 'worker'; readonly state: string; readonly at: Millis }
  | { readonly is: 'other' }

/** The daemon's line about an edit, `ms` after the first of its changes. */
export function sourcesChanged(plugin: string, ms: number): string {
  return `plugin ${plugin}: its files changed ${Math.round(ms)} ms ago`
}

/** Reads a record of mfserv.log. */
export function heardIn({ at, lines: [first = ''] }: LogRecord, plugin: string): Heard {
  const [, said = ''] = /\(mfserv#\d+\) (.*)$/s.exec(first) ?? []
  const [, ms] = /^plugin \S+: its files changed (\d+) ms ago$/.exec(said) ?? []
  if (ms !== undefined && said === sourcesChanged(plugin, Number(ms))) return { is: 'changed', at: (at - Number(ms)) as Millis }
  const [, owner, state] = /^([^/\s]+)\/\S+#\d+\.g\d+ (?:is )?(failed|\w+)/.exec(said) ?? []
  return owner === plugin && state !== undefined ? { is: 'worker', state, at } : { is: 'other' }
}
