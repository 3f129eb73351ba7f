import type { Millis } from '../time.ts'

/** What an administrator has decided about a plugin that keeps requests from it for a while. Several may hold at once. */
export type Aside =
  | { readonly is: 'stopped' }
  | {
      readonly is: 'maintenance'
      /** Milliseconds since the epoch, as of `paused`. */
      readonly since: Millis
      readonly retryAfterSeconds: number
      /** Whether the administrator gave a page of their own. */
      readonly hasPage: boolean
    }
  | { readonly is: 'paused'; readonly since: Millis }

export const LEAST_RETRY_AFTER_SECONDS = 1
export const MOST_RETRY_AFTER_SECONDS = 7 * 86_400

/** Behind the name of the plugin in the name of the mark that is there while every request is refused. */
export const ASIDE_FOR_ALL = '.all'
