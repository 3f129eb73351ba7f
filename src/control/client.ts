import { request } from '../host/process/http.ts'
import { Problem } from '../problem.ts'
import type { ControlApi } from './protocol.ts'

/** What tells that nobody listens, or that the daemon ended just now. */
const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

/** Asks the daemon; undefined when none listens. Throws a Problem when it listens and does not answer in time. */
export function askControl<K extends keyof ControlApi>(
  socketPath: string,
  name: K,
  query: Readonly<Record<string, string>> = {},
  withinMs = 30_000,
): Promise<ControlApi[K] | undefined> {
  const tooLong = longSocket(socketPath)
  if (tooLong !== undefined) return Promise.reject(tooLong)
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
    const timer = setTimeout(() => asked.destroy(silent(socketPath, withinMs)), withinMs)
    asked.on('close', () => clearTimeout(timer))
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (GONE.has(error.code)) resolve(undefined)
      else reject(error)
    })
    asked.end()
  })
}

/** Of the system; to a longer one nobody can connect, and nobody can listen. */
const LONGEST_PATH = 107

function longSocket(path: string): Problem | undefined {
  const over = Buffer.byteLength(path) - LONGEST_PATH
  if (over <= 0) return undefined
  return new Problem(
    'SOCKET_PATH_TOO_LONG',
    `the control socket would have a path of ${LONGEST_PATH + over} bytes; the system allows ${LONGEST_PATH}`,
    `Choose an MFMODULE_RUNTIME_HOME that is shorter by ${over} characters; those of plugins need about 40 more.`,
    { file: path },
  )
}

function silent(socket: string, ms: number): Problem {
  return new Problem(
    'DAEMON_DOWN',
    `the mfserv daemon did not answer within ${Math.round(ms / 1000)} s`,
    'Look at log/mfserv.log in the runtime home. Ending the daemon (kill -9) and mfserv.start costs no request.',
    { file: socket },
  )
}
