import type { Server } from 'node:http'
import { createServer } from '../host/process/http.ts'
import { listenInPlace } from '../host/process/listen.ts'
import type { ControlApi } from './protocol.ts'

export type Handlers = {
  readonly [K in keyof ControlApi]: (query: URLSearchParams) => ControlApi[K] | Promise<ControlApi[K]>
}

/** Serves the control socket: only the user of mfserv may open it. It takes the place of one that another process still serves. */
export async function serveControl(path: string, handlers: Handlers): Promise<Server> {
  const server = createServer((asked, answer) => {
    const [path = '', query] = (asked.url ?? '').split('?')
    const name = `${asked.method} ${path}`
    const handler = Object.hasOwn(handlers, name) ? handlers[name as keyof ControlApi] : undefined
    const reply = (status: number, body: unknown): void => {
      answer.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    }
    if (handler === undefined) return reply(404, { error: `there is no ${name}` })
    Promise.resolve()
      .then(() => handler(new URLSearchParams(query)))
      .then(
        (body) => reply(200, body),
        (error: unknown) => reply(500, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
  await listenInPlace(server, path)
  return server
}
