import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

export interface Hold {
  /** Requests that wait now. */
  held(): number
  /** Every waiting request goes to this socket now. */
  release(socket: string): void
  /** Nobody waits any more; those who do are told to come back later. */
  close(): Promise<void>
}

export interface HoldLimits {
  /** How long one request may wait, in milliseconds. */
  readonly waitMs: number
  /** How many may wait at once. */
  readonly waiting: number
}

const BACKLOG = 1024
const RETRY_AFTER_SECONDS = 5
const BUSY_BODY = 'No worker of this application is ready. Try again in a moment.\n'
const BUSY = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${BUSY_BODY.length}`,
  `Retry-After: ${RETRY_AFTER_SECONDS}`,
  'Connection: close',
  '',
  BUSY_BODY,
].join('\r\n')

/**
 * Opens the backup server of one app: nginx comes here when no worker took the connection, or when one ended with a request
 * that may be repeated. The request waits until `release` or until `target` names a worker; then its bytes pass through. What
 * waits too long gets 503 with Retry-After.
 */
export async function openHold(path: string, limits: () => HoldLimits, target: () => string | undefined): Promise<Hold> {
  const waiting = new Map<Held, NodeJS.Timeout>()
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const held: Held = { client, by: performance.now() + limits().waitMs, passed: [] }
    open.add(client)
    client.on('close', () => {
      open.delete(client)
      forget(held)
    })
    client.on('error', () => client.destroy())
    const worker = target()
    if (worker === undefined) wait(held)
    else pass(held, worker, wait)
  })
  function forget(held: Held): void {
    clearTimeout(waiting.get(held))
    waiting.delete(held)
  }
  function wait(held: Held): void {
    const left = held.by - performance.now()
    if (held.client.destroyed) return
    if (left <= 0 || waiting.size >= limits().waiting) refuse(held.client)
    else waiting.set(held, setTimeout(end, left, held))
  }
  function end(held: Held): void {
    forget(held)
    refuse(held.client)
  }
  rmSync(path, { force: true })
  await listen(server, path)
  return {
    held: () => waiting.size,
    release: (socket) => {
      for (const held of [...waiting.keys()]) {
        forget(held)
        pass(held, socket, wait)
      }
    },
    close: async () => {
      for (const held of [...waiting.keys()]) end(held)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(path, { force: true })
      for (const client of open) client.destroySoon()
      await closed
    },
  }
}

interface Held {
  readonly client: Socket
  /** When it has waited long enough, in milliseconds of `performance.now()`. */
  readonly by: number
  /** What a worker that ended without an answer was given, to give it to the next. */
  passed: readonly Buffer[]
}

/**
 * Joins the client to the worker. Until the worker has accepted not one byte is read, so a refusal costs nothing. A worker
 * that ends after that without one byte of an answer may have begun the request: like nginx, only what may run twice is given
 * to the next worker.
 */
function pass(held: Held, socket: string, again: (held: Held) => void): void {
  const { client } = held
  const worker = createConnection({ path: socket, allowHalfOpen: true })
  let isAnswering = false
  const keep = (chunk: Buffer): void => {
    if (!isAnswering) held.passed = [...held.passed, chunk]
  }
  const leave = (): void => {
    client.unpipe(worker)
    client.off('data', keep)
    client.off('close', abandon)
    client.pause()
    if (isAnswering) client.destroySoon()
    else if (mayRepeat(held.passed)) again(held)
    else client.destroy()
  }
  const abandon = (): void => {
    worker.off('close', leave)
    worker.destroy()
  }
  worker.on('error', () => worker.destroy())
  worker.once('close', leave)
  client.once('close', abandon)
  worker.once('connect', () => {
    for (const chunk of held.passed) worker.write(chunk)
    client.on('data', keep)
    client.pipe(worker)
    worker.pipe(client, { end: false })
    worker.once('end', () => {
      if (isAnswering) client.end()
      else worker.destroy()
    })
    worker.once('data', () => {
      isAnswering = true
    })
  })
}

/** More than this is not kept: the requests that may be repeated have no body to speak of. */
const MOST_KEPT_BYTES = 262_144
const REPEATABLE = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE|PROPFIND) /

/** nginx's own rule for a request of which an upstream may have seen a part. */
function mayRepeat(passed: readonly Buffer[]): boolean {
  const bytes = passed.reduce((sum, chunk) => sum + chunk.length, 0)
  if (bytes === 0) return true
  return bytes <= MOST_KEPT_BYTES && REPEATABLE.test(passed[0]?.subarray(0, 16).toString('latin1') ?? '')
}

/** Answers, and reads on until the client closes: closing with bytes unread would reset the connection and lose the answer. */
function refuse(client: Socket): void {
  client.resume()
  client.end(BUSY)
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
