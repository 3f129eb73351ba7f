import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const LOOK_MS = 10_000
/** Of the time between two looks; a daemon that does more is not at rest. */
const AT_REST_SHARE = 0.1
/** So many times what was left the last time, and so much besides. */
const GROWN_FACTOR = 1.25
const GROWN_BYTES = 16_000_000

/**
 * Gives memory back that reading a thousand plugins has taken and nobody needs any more. V8 does so when it needs room, which a
 * daemon at rest never does. Only while it is at rest: whoever asks meanwhile waits for a tenth of a second at the most.
 */
export function spareMemory(): NodeJS.Timeout {
  let leftBytes = 0
  let worked = workedMs()
  const look = (): void => {
    const before = worked
    worked = workedMs()
    const isAtRest = worked - before < LOOK_MS * AT_REST_SHARE
    if (!isAtRest || process.memoryUsage().heapTotal < leftBytes * GROWN_FACTOR + GROWN_BYTES) return
    collect()
    leftBytes = process.memoryUsage().heapTotal
  }
  return setInterval(look, LOOK_MS).unref()
}

/** What Node shows only where it is told to at its start. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc === 'function') gc()
}

function workedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
