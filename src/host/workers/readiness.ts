import { existsSync } from 'node:fs'
import type { Readiness } from '../../desired/desired.ts'
import { request } from '../process/http.ts'
import { answersFastcgi } from './fastcgi.ts'

/** Marks mfserv's own question, so that a worker of ours answers it without calling the application. */
const READY_HEADER = 'X-Mfserv-Ready'
const RETRY_MS = 15
/** A look whether the socket is there takes a hundredth of a question. */
const LOOK_MS = 5
const REST_WITHIN_MS = 200

/** What is asked, and in which protocol. */
export type Question = Pick<Extract<Readiness, { by: 'answer' }>, 'path' | 'protocol'>

/** Waits until a worker that has lived for so long is up, or `signal` says that nobody waits any more. */
export function untilUp(socket: string, ready: Readiness, livedMs: number, signal: AbortSignal): Promise<'answered' | 'aborted'> {
  return ready.by === 'answer' ? untilAnswered(socket, ready, signal) : untilLived(Math.max(0, ready.forMs - livedMs), signal)
}

/** Asks until the worker answers anything, or `signal` says that nobody waits any more. */
export async function untilAnswered(
  socket: string,
  { path, protocol }: Question,
  signal: AbortSignal,
): Promise<'answered' | 'aborted'> {
  const ask = protocol === 'fastcgi' ? answersFastcgi : answers
  while (!signal.aborted) {
    const isThere = existsSync(socket)
    if (isThere && (await ask(socket, path, signal))) return 'answered'
    await pause(isThere ? RETRY_MS : LOOK_MS, signal)
  }
  return 'aborted'
}

/** For what has no socket: it is up when it has lived so long. */
export async function untilLived(ms: number, signal: AbortSignal): Promise<'answered' | 'aborted'> {
  await pause(ms, signal)
  return signal.aborted ? 'aborted' : 'answered'
}

/** Its head is an answer: what follows may never end. A short rest is read, so that no worker complains of a client that left. */
function answers(socketPath: string, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { Host: 'localhost', Connection: 'close', 'User-Agent': 'mfserv-readiness', [READY_HEADER]: '1' }
    const asked = request({ socketPath, path, headers, method: 'GET', agent: false }, (response) => {
      signal.removeEventListener('abort', leave)
      const rest = setTimeout(leave, REST_WITHIN_MS).unref()
      response.once('close', () => clearTimeout(rest))
      // It has answered already.
      response.on('error', () => undefined)
      response.resume()
      resolve(true)
    })
    function leave(): void {
      asked.destroy()
    }
    signal.addEventListener('abort', leave)
    // A refused or missing socket, or an abort: the caller asks again or gives up.
    asked.on('error', () => resolve(false))
    asked.on('close', () => {
      signal.removeEventListener('abort', leave)
      resolve(false)
    })
    asked.end()
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
