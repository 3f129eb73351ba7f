import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { shownUrl } from '../../config/secrets.ts'
import { log } from '../logs/logger.ts'
import { listenInPlace } from '../process/listen.ts'
import { type Joined, join } from './join.ts'
import { type Answer, BUSY, ENDED, failing, type Head, PAUSED, type Protocol, readHead } from './request-head.ts'
import { openTrials, type Trials } from './trials.ts'

export interface Hold {
  /** Requests that wait now. */
  held(): number
  /** Every waiting request goes to this socket now; those that were inside a worker that ended, a few at a time. */
  release(socket: string): void
  /** Whether there is a worker for who waits, or none is to be expected. */
  look(): void
  /** Nobody waits any more: who does, and who would, is told to come back later. Who finds a worker is passed on still. */
  stopWaiting(): void
  /** Takes nobody in any more. Who has been passed on is left alone, and waited for by nobody. */
  close(): void
  /** Takes nobody in any more, because another hold has its place. Who waits goes on waiting. */
  giveWay(): void
}

export interface HoldLimits {
  /** How long one request may wait, in milliseconds. */
  readonly waitMs: number
  /** How many may wait at once. */
  readonly waiting: number
}

/** The app whose requests wait. */
export interface HeldApp {
  /** For people. */
  readonly name: string
  /** Whether an administrator has its requests wait. */
  readonly isPaused: () => boolean
  /** Told when the first one begins to wait. */
  readonly waits: () => void
  /** The socket of a worker that takes requests now; none while it is paused. */
  readonly target: () => string | undefined
  /** Milliseconds until the next attempt to start a worker, when all that are wanted failed to start; undefined: one may come. */
  readonly nextTryMs: () => number | undefined
  /** For how long a worker of an app in development has been starting; undefined when none is, and of every other app. */
  readonly startingMs: () => number | undefined
  /** Milliseconds a request may take: one that ended its worker after more ended it by its length. */
  readonly longestMs: () => number
}

/** What nginx has open to any hold of this process. */
const connections = new Set<Socket>()

/** Ends what is still passed on, also by holds that are closed: this process ends, and a client that never reads would keep it. */
export function cutOffHolds(): void {
  for (const client of connections) client.destroy()
}

/** How many requests are in the holds of this process, or are passed on by them. */
export function heldConnections(): number {
  return connections.size
}

/** A worker that has been starting for so long is shown to its developer, who need not wait to learn what it does. */
const SHOWN_AFTER_MS = 3000
const LOOK_FOR_DEVELOPER_MS = 500

/** Workers that may end with a request: the second one is the last that gets it. */
const MOST_ENDS = 2
/** Idempotent by RFC 9110 and 4918, so nginx sends them a second time as well. */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PROPFIND'])

interface Held extends Joined {
  readonly head: Head
  readonly protocol: Protocol
  /** When it has waited long enough, in milliseconds of `performance.now()`. */
  by: number
  /** How many workers ended while it was inside. */
  ends: number
  /** How long it was in the last of them. */
  insideMs: number
}

/**
 * Opens the second try of one app: nginx comes here when no worker took the request, or when one ended with it that may be
 * repeated. It waits until there is a worker; then its bytes pass through. What waits too long gets 503 with Retry-After; what
 * has ended a second worker gets 502, and its id, method and URL are logged.
 */
export async function openHold(path: string, limits: () => HoldLimits, app: HeldApp): Promise<Hold> {
  const requests = new HeldRequests(limits, app)
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections.add(client)
    client.on('close', () => connections.delete(client))
    client.on('error', () => client.destroy())
    readHead(client, (protocol, head) => requests.take(client, protocol, head))
  })
  await listenInPlace(server, path)
  return {
    held: () => requests.size,
    release: (socket) => requests.release(socket),
    look: () => requests.look(),
    stopWaiting: () => requests.stopWaiting(),
    close: () => {
      requests.close()
      server.close()
      rmSync(path, { force: true })
    },
    giveWay: () => void server.close(),
  }
}

/** Those of one app that wait, or are with a worker and may come back. */
class HeldRequests {
  readonly #limits: () => HoldLimits
  readonly #app: HeldApp
  readonly #waiting = new Map<Held, NodeJS.Timeout>()
  readonly #trials: Trials<Held>
  #mayWait = true

  constructor(limits: () => HoldLimits, app: HeldApp) {
    this.#limits = limits
    this.#app = app
    const next = (most: number): readonly Held[] => this.#suspects(most)
    this.#trials = openTrials(next, (held) => this.#enter(held, app.target()))
  }

  get size(): number {
    return this.#waiting.size
  }

  take(client: Socket, protocol: Protocol, head: Head): void {
    const held = heldOf(client, protocol, head, performance.now() + this.#limits().waitMs)
    client.on('close', () => this.#forget(held))
    if (held.ends > 0 && held.insideMs >= this.#app.longestMs()) reply(held, ENDED)
    else this.#enterOrWait(held)
  }

  release(socket: string): void {
    for (const held of [...this.#waiting.keys()]) {
      if (isSuspect(held)) this.#trials.gather()
      else this.#enter(held, socket)
    }
  }

  look(): void {
    if (this.size === 0) return
    const socket = this.#app.target()
    if (socket !== undefined) {
      this.release(socket)
      return
    }
    const nextTryMs = this.#app.nextTryMs()
    if (nextTryMs === undefined) return
    for (const held of [...this.#waiting.keys()]) this.#end(held, failing(nextTryMs))
  }

  stopWaiting(): void {
    this.#mayWait = false
    for (const held of [...this.#waiting.keys()]) {
      const socket = isSuspect(held) ? this.#app.target() : undefined
      if (socket === undefined) this.#end(held)
      else this.#enter(held, socket)
    }
  }

  close(): void {
    this.stopWaiting()
    this.#trials.close()
  }

  /** One that ends its worker mostly does so soon. */
  #suspects(most: number): readonly Held[] {
    if (this.#app.target() === undefined) return []
    const suspects = [...this.#waiting.keys()].filter(isSuspect)
    return suspects.sort((one, other) => one.insideMs - other.insideMs).slice(0, most)
  }

  #enterOrWait(held: Held): void {
    const socket = isSuspect(held) && this.#mayWait ? undefined : this.#app.target()
    if (socket === undefined) this.#wait(held)
    else this.#enter(held, socket)
  }

  #enter(held: Held, socket: string | undefined): void {
    this.#forget(held)
    if (socket === undefined) {
      this.#wait(held)
      return
    }
    const began = performance.now()
    join(held, socket, {
      answered: () => this.#trials.over(held, 'well'),
      left: () => this.#trials.over(held, 'well'),
      untaken: () => {
        this.#trials.over(held, 'ended')
        this.#wait(held)
      },
      ended: () => {
        held.ends += 1
        held.insideMs = performance.now() - began
        held.by = performance.now() + this.#limits().waitMs
        this.#trials.over(held, 'ended')
        this.#afterEnd(held)
      },
    })
  }

  #afterEnd(held: Held): void {
    if (held.ends < MOST_ENDS && held.mayRunTwice && held.insideMs < this.#app.longestMs()) {
      this.#enterOrWait(held)
      return
    }
    if (held.ends >= MOST_ENDS) log('ERROR', `${this.#app.name}: ${said(held.head)} ended two workers and is answered 502`)
    reply(held, ENDED)
  }

  #wait(held: Held): void {
    const left = held.by - performance.now()
    if (held.client.destroyed) return
    const nextTryMs = this.#app.nextTryMs()
    if (nextTryMs !== undefined || this.#isSlow(held)) reply(held, failing(nextTryMs ?? 0))
    else if (!this.#mayWait || left <= 0 || this.size >= this.#limits().waiting) reply(held, this.#busy())
    else {
      this.#waitFor(held, left)
      if (isSuspect(held)) this.#trials.gather()
      if (this.size === 1) this.#app.waits()
    }
  }

  #waitFor(held: Held, left: number): void {
    const look = held.head.isDevelopers ? Math.min(left, LOOK_FOR_DEVELOPER_MS) : left
    this.#waiting.set(
      held,
      setTimeout(() => {
        const stillLeft = held.by - performance.now()
        if (stillLeft <= 0) this.#end(held)
        else if (this.#isSlow(held)) this.#end(held, failing(0))
        else this.#waitFor(held, stillLeft)
      }, look),
    )
  }

  /** Only for its developer, who is shown the worker that is being started, while everybody else waits for it. */
  #isSlow({ head }: Held): boolean {
    return head.isDevelopers && (this.#app.startingMs() ?? 0) >= SHOWN_AFTER_MS
  }

  #end(held: Held, answer = this.#busy()): void {
    this.#forget(held)
    reply(held, answer)
  }

  #busy(): Answer {
    return this.#app.isPaused() ? PAUSED : BUSY
  }

  #forget(held: Held): void {
    clearTimeout(this.#waiting.get(held))
    this.#waiting.delete(held)
  }
}

function heldOf(client: Socket, protocol: Protocol, head: Head, by: number): Held {
  const { insideSeconds, isAll, method } = head
  return {
    client,
    protocol,
    head,
    isAll,
    by,
    kept: [head.bytes],
    mayRunTwice: REPEATABLE.has(method),
    ends: insideSeconds === undefined ? 0 : 1,
    insideMs: (insideSeconds ?? 0) * 1000,
  }
}

/** It may have been what ended the worker it was in. */
function isSuspect({ ends }: Held): boolean {
  return ends > 0
}

function said({ id, method, url }: Head): string {
  return `request ${id === '' ? 'without an id' : id}, ${method} ${shownUrl(url)},`
}

/** Answers, and reads on until the client closes: closing with bytes unread would reset the connection and lose the answer. */
function reply({ client, protocol, head }: Held, answer: Answer): void {
  client.resume()
  client.end(protocol.answer(answer, head))
}
