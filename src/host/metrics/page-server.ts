import type { Server } from 'node:http'
import { isForeign, type Place } from '../../metrics/page/listen.ts'
import { CONTENT_TYPES, type Format, formatFor } from '../../metrics/page/render.ts'
import { createServer } from '../process/http.ts'

const MOST_CONNECTIONS = 64
const PATIENCE_MS = 10_000

/** Serves `/metrics`, and nothing else. Throws what the system says when it cannot listen there. */
export async function servePage(place: Place, page: (format: Format) => Promise<string>): Promise<Server> {
  const server = createServer((asked, answer) => {
    const say = (status: number, type: string, text: string): void => {
      answer
        .writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' })
        .end(asked.method === 'HEAD' ? undefined : text)
    }
    const refuse = (status: number, text: string): void => say(status, 'text/plain; charset=utf-8', `${text}\n`)
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return refuse(405, 'Only GET is answered.')
    if (isForeign(asked.headers.host ?? '', place))
      return refuse(403, 'Ask for it by the address of this machine, or as localhost.')
    if ((asked.url ?? '').split('?')[0] !== '/metrics') return refuse(404, 'Not found. The numbers are at /metrics.')
    const format = formatFor(asked.headers.accept ?? '')
    page(format).then(
      (text) => say(200, CONTENT_TYPES[format], text),
      (error: unknown) => refuse(500, error instanceof Error ? error.message : String(error)),
    )
  })
  server.maxConnections = MOST_CONNECTIONS
  server.headersTimeout = PATIENCE_MS
  server.requestTimeout = PATIENCE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: place.host, port: place.port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}
