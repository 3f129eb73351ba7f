import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { fastcgiAnswer, fastcgiHead } from './fastcgi.ts'

export interface Hold {
  /** Requests that wait now. */
  held(): number
  /** Every waiting request goes to this socket now. */
  release(socket: string): void
  /** Nobody waits any more: who does, and who would, is told to come back later. Who finds a worker is passed on still. */
  stopWaiting(): void
  /** Takes nobody in any more. Who has been passed on is left alone, and waited for by nobody. */
  close(): void
}

export interface HoldLimits {
  /** How long one request may wait, in milliseconds. */
  readonly waitMs: number
  /** How many may wait at once. */
  readonly waiting: number
}

/** What nginx has open to any hold of this process. */
const connections = new Set<Socket>()

/** Ends what is still passed on, also by holds that are closed: this process ends, and a client that never reads would keep it. */
export function cutOffHolds(): void {
  for (const client of connections) client.destroy()
}

const BACKLOG = 1024
const RETRY_AFTER_SECONDS = 5
const BUSY_BODY = 'No worker of this application is ready. Try again in a moment.\n'
const BUSY_HEADERS = [
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${BUSY_BODY.length}`,
  `Retry-After: ${RETRY_AFTER_SECONDS}`,
]

/** What has been read of a request: its whole head, as it is to be passed on. */
interface Head {
  readonly bytes: Buffer
  readonly method: string
}

/** What the hold must know of the language that nginx speaks with the app. */
interface Protocol {
  /** The head at the beginning of these bytes; undefined while it is not whole. */
  readonly head: (bytes: Buffer) => Head | undefined
  /** The answer to a request that cannot wait. */
  readonly busy: string | Buffer
}

const HTTP: Protocol = {
  head: httpHead,
  busy: ['HTTP/1.1 503 Service Unavailable', ...BUSY_HEADERS, 'Connection: close', '', BUSY_BODY].join('\r\n'),
}

const FASTCGI: Protocol = {
  head: fastcgiHead,
  busy: fastcgiAnswer(['Status: 503 Service Unavailable', ...BUSY_HEADERS, '', BUSY_BODY].join('\r\n')),
}

/**
 * Opens the backup server of one app: nginx comes here when no worker took the connection, or when one ended with a request
 * that may be repeated. The request waits until `release` or until `target` names a worker; then its bytes pass through. What
 * waits too long gets 503 with Retry-After.
 */
export async function openHold(path: string, limits: () => HoldLimits, target: () => string | undefined): Promise<Hold> {
  const waiting = new Map<Held, NodeJS.Timeout>()
  let mayWait = true
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const held: Held = { client, by: performance.now() + limits().waitMs, protocol: HTTP, kept: [], mayRunTwice: false }
    connections.add(client)
    client.on('close', () => {
      connections.delete(client)
      forget(held)
    })
    client.on('error', () => client.destroy())
    readHead(client, (protocol, { bytes, method }) => {
      held.protocol = protocol
      held.kept = [bytes]
      held.mayRunTwice = REPEATABLE.has(method)
      const worker = target()
      if (worker === undefined) wait(held)
      else pass(held, worker, wait)
    })
  })
  function forget(held: Held): void {
    clearTimeout(waiting.get(held))
    waiting.delete(held)
  }
  function wait(held: Held): void {
    const left = held.by - performance.now()
    if (held.client.destroyed) return
    if (!mayWait || left <= 0 || waiting.size >= limits().waiting) refuse(held)
    else waiting.set(held, setTimeout(end, left, held))
  }
  function end(held: Held): void {
    forget(held)
    refuse(held)
  }
  function stopWaiting(): void {
    mayWait = false
    for (const held of [...waiting.keys()]) end(held)
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
    stopWaiting,
    close: () => {
      stopWaiting()
      server.close()
      rmSync(path, { force: true })
    },
  }
}

interface Held {
  readonly client: Socket
  /** When it has waited long enough, in milliseconds of `performance.now()`. */
  readonly by: number
  protocol: Protocol
  /** What a worker must be given first: the head, and what one before it had been given when it ended. */
  kept: Buffer[]
  /** Whether it may be given to another worker when one ended with it. */
  mayRunTwice: boolean
}

/** A request with a longer body is not kept to be given to another worker: all that wait share the memory of the daemon. */
const MOST_KEPT_BYTES = 1 << 20
/** Idempotent by RFC 9110 and 4918, so nginx sends them a second time as well. */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PROPFIND'])
const LONGEST_METHOD_BYTES = 16
/** nginx sends the head at once; one that is longer than this is passed on as it is. */
const LONGEST_HEAD_BYTES = 65_536

/** A record of FastCGI begins with the version of the protocol, a request of HTTP with a letter. */
const FASTCGI_BEGINS = 1

function readHead(client: Socket, whole: (protocol: Protocol, head: Head) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk])
    const protocol = bytes[0] === FASTCGI_BEGINS ? FASTCGI : HTTP
    const head = protocol.head(bytes)
    if (head === undefined && bytes.length < LONGEST_HEAD_BYTES) return
    client.pause()
    client.off('data', read)
    whole(protocol, head ?? { bytes, method: '' })
  }
  client.on('data', read)
}

function httpHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0 && bytes.length < LONGEST_HEAD_BYTES) return undefined
  const method = bytes.subarray(0, LONGEST_METHOD_BYTES).toString('latin1').replace(/ .*/s, '')
  return { bytes: end < 0 ? bytes : closing(bytes, end), method }
}

/**
 * Makes the request the last on its connection. One that nginx kept would lead to the same worker after its end, and the hold
 * cannot tell where one answer ends and the next begins.
 */
function closing(bytes: Buffer, end: number): Buffer {
  const head = bytes.subarray(0, end).toString('latin1')
  // A websocket's Connection header must stay, and nothing follows on its connection anyway.
  if (/\r\nconnection:/i.test(head)) return bytes
  return Buffer.concat([bytes.subarray(0, end), Buffer.from('\r\nConnection: close'), bytes.subarray(end)])
}

/**
 * Joins the client to the worker. A worker that ends without one byte of an answer may have begun the request: like nginx,
 * only what may run twice is given to the next worker. One that did not even accept has seen nothing.
 */
function pass(held: Held, socket: string, again: (held: Held) => void): void {
  const { client } = held
  const worker = createConnection({ path: socket, allowHalfOpen: true })
  let phase: 'connecting' | 'connected' | 'answering' = 'connecting'
  let keptBytes = held.kept.reduce((sum, { length }) => sum + length, 0)
  const forgo = (): void => {
    held.mayRunTwice = false
    held.kept = []
  }
  const keep = (chunk: Buffer): void => {
    if (!held.mayRunTwice) return
    held.kept.push(chunk)
    keptBytes += chunk.length
    if (keptBytes > MOST_KEPT_BYTES) forgo()
  }
  const leave = (): void => {
    client.unpipe(worker)
    client.off('data', keep)
    client.off('close', abandon)
    client.pause()
    if (phase === 'answering') client.destroySoon()
    else if (phase === 'connecting' || held.mayRunTwice) again(held)
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
    phase = 'connected'
    for (const chunk of held.kept) worker.write(chunk)
    client.on('data', keep)
    client.pipe(worker)
    worker.pipe(client, { end: false })
    worker.once('end', () => {
      if (phase === 'answering') client.end()
      else worker.destroy()
    })
    worker.once('data', () => {
      phase = 'answering'
      forgo()
    })
  })
}

/** Answers, and reads on until the client closes: closing with bytes unread would reset the connection and lose the answer. */
function refuse({ client, protocol }: Held): void {
  client.resume()
  client.end(protocol.busy)
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
