import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type HeldApp, type Hold, openHold } from '../../src/host/workers/hold.ts'

/** Of the sockets of one test file. */
export const directory = mkdtempSync(join(tmpdir(), 'hold'))

const left: (() => void)[] = []

// What a test that failed left open would keep its process from ending.
after(() => {
  for (const close of left) close()
  rmSync(directory, { recursive: true })
})

export const PATIENT = () => ({ waitMs: 60_000, waiting: 100 })

/** `known`: what else the hold asks about the app. */
export async function open(
  path: string,
  target: HeldApp['target'],
  limits = PATIENT,
  known: Partial<HeldApp> = {},
): Promise<Hold> {
  const app = {
    name: 'blog/web',
    isPaused: () => false,
    waits: () => undefined,
    target,
    nextTryMs: () => undefined,
    startingMs: () => undefined,
    longestMs: () => 60_000,
    ...known,
  }
  const hold = await openHold(path, limits, app)
  left.push(() => hold.close())
  return hold
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

export function ask(
  socketPath: string,
  body = '',
  method = body === '' ? 'GET' : 'POST',
  url = '/',
  headers = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method, path: url, agent: false, headers: { 'Content-Length': body.length, ...headers } },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            retryAfter: answer.headers['retry-after'],
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

export async function worker(name: string, handler: RequestListener): Promise<{ socket: string; close: () => void }> {
  const socket = join(directory, name)
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  left.push(() => server.close().closeAllConnections())
  return { socket, close: () => server.close() }
}

export const length: RequestListener = (asked, answer) => {
  let bytes = 0
  asked.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  asked.on('end', () => answer.end(`${bytes} bytes`))
}
