import { Agent, request } from 'node:http'

export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly connection: 'kept' | 'fresh'
  readonly path: string
  /** Milliseconds of `performance.now()`. */
  readonly began: number
  readonly ended: number
  /** The status, or what broke. */
  readonly outcome: number | string
  readonly body: string
}

export interface LoadOptions {
  readonly url: string
  readonly paths: readonly string[]
  readonly perSecond: number
  readonly connections: 'fresh' | 'mixed'
  /** Gets each request that has ended, instead of `sent`: for loads so long that nobody can keep them all. */
  readonly record?: (one: Sent) => void
}

export interface Load {
  /** Every request that has ended; empty when the load has a `record`. */
  readonly sent: readonly Sent[]
  /** Answers when `count` more requests that begin from now on have ended. */
  further(count: number): Promise<void>
  /** Sends no more, and answers when all have ended. */
  stop(): Promise<readonly Sent[]>
}

/** In milliseconds a second: a request begins late by no more than half of the time between two. */
const PERIOD_SHARE = 500

/** What ends each load that still runs, by its URL. */
const running = new Map<string, Set<() => void>>()

/** Ends what a test that failed in the middle has left: its file would go on for as long as requests are sent. */
export function endLoads(url: string): void {
  for (const end of running.get(url) ?? []) end()
  running.delete(url)
}

/** Sends GET and POST at a steady rate, whatever the answers; a request is sent once and never again. */
export function startLoad({ url, paths, perSecond, connections, record }: LoadOptions): Load {
  const kept = new Agent({ keepAlive: true, maxSockets: 16 })
  const sent: Sent[] = []
  const keep = record ?? ((one: Sent): void => void sent.push(one))
  const waiting = new Set<{ readonly since: number; left: number; done: () => void }>()
  let open = 0
  let allEnded = (): void => undefined
  let count = 0
  const began = performance.now()
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    for (; count < due; count += 1) send(count)
  }, PERIOD_SHARE / perSecond)

  const end = (): void => clearInterval(timer)
  running.set(url, (running.get(url) ?? new Set()).add(end))

  function send(number: number): void {
    const method = number % 2 === 0 ? 'GET' : 'POST'
    const connection = connections === 'mixed' && Math.floor(number / 2) % 2 === 0 ? 'kept' : 'fresh'
    const path = paths[Math.floor(number / 4) % paths.length] ?? '/'
    const at = performance.now()
    open += 1
    let isOpen = true
    const settle = (outcome: number | string, body: string): void => {
      // An answer that breaks off is told both by the answer and by the request.
      if (!isOpen) return
      isOpen = false
      open -= 1
      keep({ method, connection, path, began: at, ended: performance.now(), outcome, body })
      for (const one of waiting) {
        if (at < one.since) continue
        one.left -= 1
        if (one.left <= 0) one.done()
      }
      if (open === 0) allEnded()
    }
    const payload = method === 'POST' ? 'x'.repeat(2048) : ''
    const asked = request(
      `${url}${path}`,
      {
        method,
        agent: connection === 'kept' ? kept : false,
        headers: method === 'POST' ? { 'Content-Length': payload.length } : {},
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => settle(answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')))
        answer.on('error', (error) => settle(error.message, ''))
      },
    )
    asked.on('error', (error) => settle(error.message, ''))
    asked.end(payload)
  }

  return {
    sent,
    further: (left) =>
      new Promise((done) => {
        const one = {
          since: performance.now(),
          left,
          done: () => {
            waiting.delete(one)
            done()
          },
        }
        waiting.add(one)
      }),
    stop: async () => {
      end()
      running.get(url)?.delete(end)
      const { promise, resolve } = Promise.withResolvers<void>()
      allEnded = resolve
      if (open > 0) await promise
      kept.destroy()
      return sent
    },
  }
}
