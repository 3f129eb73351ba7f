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
 * Opens the backup server of one app: nginx comes here when no worker took the connection. The request waits, unread, until
 * `release` or until `target` names a worker; then its bytes pass through. What waits too long gets 503 with Retry-After.
 */
export async function openHold(path: string, limits: () => HoldLimits, target: () => string | undefined): Promise<Hold> {
  const waiting = new Map<Socket, { readonly by: number; readonly timer: NodeJS.Timeout }>()
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client)
    client.on('close', () => {
      open.delete(client)
      forget(client)
    })
    client.on('error', () => client.destroy())
    const by = performance.now() + limits().waitMs
    const worker = target()
    if (worker === undefined) wait(client, by)
    else pass(client, worker, () => wait(client, by))
  })
  function forget(client: Socket): void {
    clearTimeout(waiting.get(client)?.timer)
    waiting.delete(client)
  }
  function wait(client: Socket, by: number): void {
    const left = by - performance.now()
    if (client.destroyed) return
    if (left <= 0 || waiting.size >= limits().waiting) refuse(client)
    else waiting.set(client, { by, timer: setTimeout(() => end(client), left) })
  }
  function end(client: Socket): void {
    forget(client)
    refuse(client)
  }
  rmSync(path, { force: true })
  await listen(server, path)
  return {
    held: () => waiting.size,
    release: (socket) => {
      for (const [client, { by }] of [...waiting]) {
        forget(client)
        pass(client, socket, () => wait(client, by))
      }
    },
    close: async () => {
      for (const client of [...waiting.keys()]) end(client)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(path, { force: true })
      for (const client of open) client.destroySoon()
      await closed
    },
  }
}

/** Joins the client to the worker. Not one byte has been read before the worker has accepted, so a refusal costs nothing. */
function pass(client: Socket, socket: string, refused: () => void): void {
  const worker = createConnection({ path: socket, allowHalfOpen: true })
  worker.once('error', refused)
  worker.once('connect', () => {
    worker.off('error', refused)
    worker.on('error', () => client.destroy())
    client.on('close', () => worker.destroy())
    worker.on('close', () => client.destroySoon())
    client.pipe(worker)
    worker.pipe(client)
  })
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
