import { later, type Millis } from '../time.ts'

/** What a look at the socket and the processes of a ready worker shows. */
export interface Look {
  readonly at: Millis
  /** The connections it has taken. */
  readonly taken: ReadonlySet<string>
  /** Connections that wait to be taken, without mfserv's own question. */
  readonly waiting: number
  /** Whether a process of it is stopped, as by SIGSTOP. */
  readonly isStopped: boolean
  /** Another text whenever a process of it has run since. */
  readonly effort: string
  /** Whether the question was answered. */
  readonly answer: 'none' | 'answered'
}

/** What is thought of a worker that is ready. */
export type Suspicion =
  /** `since`: nothing has left it from then on, although something is there. `askAfterMs`: so long it is trusted. */
  | { readonly is: 'trusted'; readonly since: Millis; readonly taken: ReadonlySet<string>; readonly askAfterMs: number }
  /** It was asked, and has shown no sign of life since `since`. `quietSince`: no process of it has run from then on. */
  | {
      readonly is: 'asked'
      readonly since: Millis
      readonly taken: ReadonlySet<string>
      readonly quietSince: Millis
      readonly effort: string
      readonly askAfterMs: number
    }

export type Verdict = 'leave' | 'ask' | 'replace'

/** nginx keeps an idle connection for a second, so one that is older has a request on it. */
const FIRST_ASK_MS = 1500
/** A worker with long requests that answers is asked ever more seldom. */
const LATEST_ASK_MS = 60_000
/** So much of the time before the question counts. */
const BEFORE_ASKED_MS = 2500
/** A server ends what takes longer than the timeout by itself, and may need so long for it. */
const BEYOND_TIMEOUT_MS = 3200
/** Nobody waits for a process that is stopped as long as for one that may be computing. */
const STOPPED_MS = 5000

/** php-fpm is told to end a script so long after its timeout, and looks for such a script three times within the whole of that. */
const PHP_BEYOND_TIMEOUT_MS = 3000

/** How long a request may occupy a worker that keeps to its timeout. */
export function longestMs(timeoutMs: number, protocol: 'http' | 'fastcgi'): number {
  return protocol === 'http' ? timeoutMs : Math.ceil(((timeoutMs + PHP_BEYOND_TIMEOUT_MS) * 4) / 3)
}

export function trusted(at: Millis): Suspicion {
  return { is: 'trusted', since: at, taken: new Set(), askAfterMs: FIRST_ASK_MS }
}

/**
 * Whether a worker that should take requests still does. One that lets a connection go works, and one with nothing to do is
 * left alone. One that has kept all it has for a while is asked, sooner when somebody waits; without an answer, and without
 * letting anything go, for `timeoutMs` (see `longestMs`) and a little more, it is replaced. While nobody else waits for it, one whose processes run may go on: a program
 * that handles one request at a time and sends a long stream.
 */
export function judge(before: Suspicion, look: Look, timeoutMs: number): readonly [Suspicion, Verdict] {
  const { at, taken } = look
  const moved = [...before.taken].some((connection) => !taken.has(connection))
  if (before.is === 'trusted') {
    if (moved || (taken.size === 0 && look.waiting === 0)) return [{ ...trusted(at), taken }, 'leave']
    const { askAfterMs } = before
    const trustedMs = look.waiting > 0 ? FIRST_ASK_MS : askAfterMs
    if (at < later(before.since, trustedMs)) return [{ ...before, taken }, 'leave']
    const since = Math.max(before.since, at - BEFORE_ASKED_MS) as Millis
    return [{ is: 'asked', since, taken, quietSince: since, effort: look.effort, askAfterMs }, 'ask']
  }
  if (look.answer === 'answered') {
    const askAfterMs = Math.min(LATEST_ASK_MS, before.askAfterMs * 2)
    return [{ is: 'trusted', since: at, taken, askAfterMs }, 'leave']
  }
  const since = moved ? at : before.since
  const quietSince = moved || look.effort !== before.effort ? at : before.quietSince
  const patienceMs = look.isStopped ? Math.min(STOPPED_MS, timeoutMs) : timeoutMs + BEYOND_TIMEOUT_MS
  const asked: Suspicion = { ...before, since, taken, quietSince, effort: look.effort }
  const isMissed = look.waiting > 0 || look.isStopped || at >= later(quietSince, patienceMs)
  return [asked, isMissed && at >= later(since, patienceMs) ? 'replace' : 'leave']
}
