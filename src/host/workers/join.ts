import { createConnection, type Socket } from 'node:net'

/** A request that was read by the hold, and its client. */
export interface Joined {
  readonly client: Socket
  /** Nothing follows what is in `kept`. */
  readonly isAll: boolean
  /** What a worker must be given first: the head, and what one before it had been given when it ended. */
  kept: Buffer[]
  /** Whether it may be given to another worker when one ended with it. */
  mayRunTwice: boolean
}

/** What came of a request and a worker; one of them is called, once. `answered` with the first byte of the answer. */
export interface Outcome {
  readonly answered: () => void
  /** The worker ended without a byte of an answer: it may have begun. */
  readonly ended: () => void
  /** The worker did not take it, or not all of it: it has seen nothing. */
  readonly untaken: () => void
  /** The client went away. */
  readonly left: () => void
}

/** A request with a longer body is not kept to be given to another worker: all that wait share the memory of the daemon. */
const MOST_KEPT_BYTES = 1 << 20

/** Joins the client to the worker: bytes pass both ways until one of them has no more. */
export function join(joined: Joined, socket: string, outcome: Outcome): void {
  const { client } = joined
  const worker = createConnection({ path: socket, allowHalfOpen: true })
  let isAnswering = false
  let wasReset = false
  let isGiven = false
  let keptBytes = joined.kept.reduce((sum, { length }) => sum + length, 0)
  const forgo = (): void => {
    joined.mayRunTwice = false
    joined.kept = []
  }
  const keep = (chunk: Buffer): void => {
    if (!joined.mayRunTwice) return
    joined.kept.push(chunk)
    keptBytes += chunk.length
    if (keptBytes > MOST_KEPT_BYTES) forgo()
  }
  const leave = (): void => {
    client.unpipe(worker)
    client.off('data', keep)
    client.off('close', abandon)
    client.pause()
    if (isAnswering) client.destroySoon()
    // The system resets a connection that was not accepted, or not read to its end; one that was is only closed. One that is
    // gone before the first bytes are sent is told as a broken pipe, accepted or not.
    else if (!isGiven || (wasReset && joined.isAll)) outcome.untaken()
    else outcome.ended()
  }
  const abandon = (): void => {
    worker.off('close', leave)
    worker.destroy()
    if (!isAnswering) outcome.left()
  }
  worker.on('error', (error) => {
    wasReset = 'code' in error && error.code === 'ECONNRESET'
    worker.destroy()
  })
  worker.once('close', leave)
  client.once('close', abandon)
  worker.once('connect', () => {
    const given = (error?: Error | null): void => {
      isGiven ||= error == null
    }
    for (const chunk of joined.kept) worker.write(chunk, given)
    client.on('data', keep)
    client.pipe(worker)
    worker.pipe(client, { end: false })
    worker.once('end', () => {
      if (isAnswering) client.end()
      else worker.destroy()
    })
    worker.once('data', () => {
      isAnswering = true
      forgo()
      outcome.answered()
    })
  })
}
