import { setTimeout as delay } from 'node:timers/promises'
import { askControl } from '../control/client.ts'
import { daemonRecord } from '../control/daemon-record.ts'
import { readStatus } from '../control/status-file.ts'
import { type Lock, tryLock } from '../host/disk/lock.ts'
import type { Paths } from '../host/home/paths.ts'
import { log } from '../host/logs/logger.ts'
import { steadyNow } from '../host/process/clock.ts'
import { effortOfSession, isAlive, signal } from '../host/process/proc.ts'
import { heldConnections } from '../host/workers/hold.ts'
import { Problem } from '../problem.ts'
import type { ProcessId } from '../worker/state.ts'
import { look, type Stillness } from '../worker/stillness.ts'
import type { LetGo } from './daemon.ts'
import { type Machinery, retryHolds } from './loop.ts'

/*
 * How one daemon takes the place of another. What serves is touched by neither: workers and nginx are found by what is on disk.
 *
 *   the old one                                  the new one
 *                                                has read the configuration and is ready to begin
 *                                          <---  asks for the place (POST /hand-over)
 *   ends its round, writes nothing more,
 *   frees the lock                         --->  takes the lock, adopts, opens its holds in the place of the old ones,
 *   answers who waits in its holds               does its work once
 *                                          <---  writes itself down as supervising
 *   ends when its holds are empty
 *
 * Until the last line the old one begins anew when the new one ends.
 */

const LOOK_MS = 50
const LOCK_TRIES = 20
const LOCK_LOOK_MS = 100
/** A successor that does nothing for so long never comes up. */
const STILL_MS = 30_000

/** Whose place a daemon may take. `one of other code`: a daemon that runs the same is left alone. */
export type TakesOver = 'nobody' | 'one of other code' | 'anyone'

/** Takes the lock of the home; from the daemon that has it, where it may. Throws DAEMON_RUNS. */
export async function takePlace(paths: Paths, code: string, from: TakesOver): Promise<Lock> {
  const free = from === 'nobody' ? undefined : tryLock(paths.lock)
  if (free !== undefined) return free
  if (from !== 'nobody') {
    const query = { pid: String(process.pid), code, ...(from === 'anyone' ? { 'even-same': '1' } : {}) }
    const answer = await askControl(paths.control, 'POST /hand-over', query)
    if (answer?.is === 'not-needed') throw taken(paths, 'another mfserv daemon runs the same already')
    if (answer?.is === 'stopping') throw taken(paths, 'the mfserv daemon was told to stop')
  }
  const lock = await lockOf(paths)
  if (lock === undefined) throw taken(paths, 'another mfserv daemon serves this runtime home')
  return lock
}

/** Undefined when another daemon goes on having it. One that was killed a moment ago may still be on its way out. */
async function lockOf(paths: Paths): Promise<Lock | undefined> {
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    const lock = tryLock(paths.lock)
    if (lock !== undefined) return lock
    await delay(LOCK_LOOK_MS)
  }
  return undefined
}

/**
 * Waits until another daemon supervises; the lock comes back when the successor has ended before it did. `looked` is called again
 * and again meanwhile.
 */
export async function untilSuperseded(paths: Paths, successor: ProcessId, looked: () => void): Promise<'superseded' | Lock> {
  let seen: Stillness | undefined
  for (;;) {
    const record = daemonRecord(paths)
    if (record?.phase === 'supervising' && record.process.pid !== process.pid) return 'superseded'
    const lock = isAlive(successor) ? undefined : tryLock(paths.lock)
    if (lock !== undefined) {
      log('ERROR', `the new mfserv daemon, pid ${successor.pid}, ended before it supervised anything: this one goes on`)
      return lock
    }
    looked()
    seen = look(seen, effortOfSession(successor.pid), steadyNow())
    // Its end is seen in the next turn.
    if (seen.stillMs >= STILL_MS && isAlive(successor)) signal(successor, 'SIGKILL')
    await delay(LOOK_MS)
  }
}

/** Passes on who waits in the holds of a daemon that has let go, for as long as it is called for. */
export function serveHeld({ machinery }: Pick<LetGo, 'machinery'>, paths: Paths): { readonly end: () => void } {
  const timer = setInterval(() => {
    if (heldIn(machinery) === 0) return
    // As the daemon that stops does with who waits in its own.
    if (/^STOP/.test(readStatus(paths) ?? '')) for (const hold of machinery.holds.values()) hold.stopWaiting()
    else {
      retryHolds(machinery)
      wake(machinery, paths)
    }
  }, LOOK_MS)
  return { end: () => clearInterval(timer) }
}

/** Who waits here for an app that sleeps is known to nobody else. */
function wake({ holds }: Machinery, { control }: Paths): void {
  for (const [app, hold] of holds) {
    // An mfserv before this word lets no app sleep.
    if (hold.held() > 0) void askControl(control, 'POST /wake', { app }).catch(() => undefined)
  }
}

/** The holds of another daemon have their places now: what was on the way to these is taken in before. */
export async function giveWay({ holds, room, developers }: Machinery): Promise<void> {
  await delay(LOOK_MS)
  for (const hold of holds.values()) hold.giveWay()
  room?.giveWay()
  developers?.close()
}

/** Answers when nothing is left to be done in this process. */
export async function untilEmpty({ machinery, hasCommand }: Pick<LetGo, 'machinery' | 'hasCommand'>): Promise<void> {
  while (heldIn(machinery) > 0 || heldConnections() > 0 || hasCommand()) await delay(LOOK_MS)
}

function heldIn({ holds }: Machinery): number {
  return [...holds.values()].reduce((sum, hold) => sum + hold.held(), 0)
}

function taken({ runtimeHome }: Paths, message: string): Problem {
  return new Problem('DAEMON_RUNS', message, 'Ask it with mfserv.status, or end it with mfserv.stop.', { file: runtimeHome })
}
