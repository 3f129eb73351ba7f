import { askControl } from '../../control/client.ts'
import type { ControlApi } from '../../control/protocol.ts'
import type { Handlers } from '../../control/server.ts'

/**
 * The same handlers as long as `whoNext` answers undefined. Afterwards a question waits until it is known who supervises now,
 * and whoever serves the control socket by then answers it.
 */
export function forwarding(handlers: Handlers, control: string, whoNext: () => Promise<unknown> | undefined): Handlers {
  const one = <K extends keyof ControlApi>(name: K): Handlers[K] => {
    // One member of a mapped type: the name says which.
    const own = handlers[name] as (query: URLSearchParams) => ControlApi[K] | Promise<ControlApi[K]>
    const answer = async (query: URLSearchParams): Promise<ControlApi[K]> => {
      const next = whoNext()
      if (next === undefined) return own(query)
      await next
      const answered = await askControl(control, name, Object.fromEntries(query))
      if (answered === undefined) throw new Error('no daemon answers')
      return answered
    }
    return answer as Handlers[K]
  }
  return {
    'GET /status': one('GET /status'),
    'POST /look': one('POST /look'),
    'POST /wake': one('POST /wake'),
    'GET /cron/history': one('GET /cron/history'),
    'POST /cron/run': one('POST /cron/run'),
    'POST /hand-over': one('POST /hand-over'),
    'POST /successor': one('POST /successor'),
    'POST /stop': one('POST /stop'),
  }
}
