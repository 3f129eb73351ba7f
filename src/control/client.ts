import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LONGEST_SOCKET_PATH } from '../desired/slot.ts'
import { DAEMON_FILE } from '../host/home/paths.ts'
import { steadyNow } from '../host/process/clock.ts'
import { request } from '../host/process/http.ts'
import { effortOfSession } from '../host/process/proc.ts'
import { Problem } from '../problem.ts'
import { look, type Stillness } from '../worker/stillness.ts'
import { runningDaemon } from './daemon-record.ts'
import type { ControlApi } from './protocol.ts'

/** What tells that nobody listens, or that the daemon ended just now. */
const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

/** A daemon that does nothing for so long hangs: it was stopped, or waits for what never comes. */
const STILL_MS = 30_000
/** One that is busy for so long without an answer turns in a circle. */
const BUSY_MS = 600_000
const LOOK_MS = 250

/**
 * Asks the daemon; undefined when none listens, or when it ended. However slow the machine is, the answer is waited for while
 * the daemon works on it. Throws a Problem when it listens and does nothing for `stillMs`.
 */
export function askControl<K extends keyof ControlApi>(
  socketPath: string,
  name: K,
  query: Readonly<Record<string, string>> = {},
  stillMs = STILL_MS,
): Promise<ControlApi[K] | undefined> {
  const tooLong = longSocket(socketPath)
  if (tooLong !== undefined) return Promise.reject(tooLong)
  // Who listens has one; without it the half of a quick command would be to load what asks.
  if (!existsSync(socketPath)) return Promise.resolve(undefined)
  const [method = '', path = ''] = name.split(' ')
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path: `${path}?${new URLSearchParams(query)}`, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (answer.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`the daemon answered ${answer.statusCode} to ${name}: ${text}`))
      })
    })
    const watch = watchSilence(socketPath, stillMs, (problem) => asked.destroy(problem))
    asked.on('close', watch.end)
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (GONE.has(error.code)) resolve(undefined)
      else reject(error)
    })
    asked.end()
  })
}

/** Tells once that the daemon behind a socket neither answers nor does anything. */
function watchSilence(socket: string, stillMs: number, tell: (problem: Problem) => void): { readonly end: () => void } {
  const began = steadyNow()
  const daemon = join(dirname(socket), DAEMON_FILE)
  let seen: Stillness | undefined
  const timer = setInterval(
    () => {
      const pid = runningDaemon({ daemon })?.pid
      const at = steadyNow()
      seen = look(seen, pid === undefined ? '' : effortOfSession(pid), at)
      const isBusy = seen.stillMs < stillMs
      if (isBusy && at - began < BUSY_MS) return
      clearInterval(timer)
      tell(silent(socket, isBusy ? at - began : seen.stillMs, isBusy ? 'is busy' : 'does nothing'))
    },
    Math.min(LOOK_MS, stillMs / 4),
  )
  return { end: () => clearInterval(timer) }
}

/** To a longer one nobody can connect, and nobody can listen. */
function longSocket(path: string): Problem | undefined {
  const over = Buffer.byteLength(path) - LONGEST_SOCKET_PATH
  if (over <= 0) return undefined
  return new Problem(
    'SOCKET_PATH_TOO_LONG',
    `the control socket would have a path of ${LONGEST_SOCKET_PATH + over} bytes; the system allows ${LONGEST_SOCKET_PATH}`,
    `Choose an MFMODULE_RUNTIME_HOME that is shorter by ${over} characters; those of plugins need about 40 more.`,
    { file: path },
  )
}

function silent(socket: string, ms: number, how: 'is busy' | 'does nothing'): Problem {
  return new Problem(
    'DAEMON_DOWN',
    `the mfserv daemon ${how} and has not answered for ${Math.round(ms / 1000)} s`,
    'Look at log/mfserv.log in the runtime home. Ending the daemon (kill -9) and mfserv.start costs no request.',
    { file: socket },
  )
}
