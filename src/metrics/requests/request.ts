import type { Millis } from '../../time.ts'

/** How a request came to its answer. */
export const KINDS = ['app', 'held', 'static', 'refused'] as const
/**
 * `app`: a worker was asked. `held`: it waited until a worker was ready. `static`: nginx answered, from a file or because there is
 * none. `refused`: nginx answered with an error of its own.
 */
export type Kind = (typeof KINDS)[number]

/** What is counted of one line of the access log. */
export interface CountedRequest {
  /** When its answer was complete. */
  readonly at: Millis
  readonly plugin: string
  /** Empty for what no app was asked. */
  readonly app: string
  readonly kind: Kind
  /** 0 when the client went away before there was an answer. */
  readonly status: number
  readonly durationMs: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Of a file that is not there, or that is as the client has it, or was asked for in a way that files cannot be. */
const OF_FILES: ReadonlySet<number> = new Set([404, 405, 412, 416])

/** `upstream` as nginx writes it: every server that was asked, the one that answered last. Without an app that is mfserv itself. */
export function kindOf(app: string, upstream: string, status: number): Kind {
  if (app !== '' && upstream !== '' && upstream !== '-' && !upstream.endsWith(DEVELOPER)) return isHeld(upstream) ? 'held' : 'app'
  return status < 400 || OF_FILES.has(status) ? 'static' : 'refused'
}

const DEVELOPER = '/developer.sock'
const PAUSE = '/paused.sock'
const HOLD = '.hold.sock'

/** Of an app that is paused, the place where requests wait is asked before it. */
function isHeld(upstream: string): boolean {
  return upstream.endsWith(HOLD) || upstream.includes(PAUSE)
}
