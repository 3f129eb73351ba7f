import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { NOT_FOR_DEVELOPERS } from '../../config/own-paths.ts'
import { developerPage, type Format, isInTrouble, POLICY, type StartingWorker } from '../../control/developer/page.ts'
import type { PluginReport } from '../../control/protocol.ts'
import { listenInPlace } from '../../host/process/listen.ts'

export interface Developers {
  readonly close: () => void
}

/** What is known of the plugins when a question comes. */
export interface Known {
  readonly plugins: () => readonly PluginReport[]
  /** Whether it is served from its sources. */
  readonly isDeveloped: (plugin: string) => boolean
  /** Its workers that are not ready yet. */
  readonly starting: (plugin: string) => readonly StartingWorker[]
}

/**
 * Answers nginx, which asks only for clients on this machine, what to show in the place of a plugin that does not serve. For a
 * plugin that was installed from a release, and for one without trouble, that is what everybody sees.
 */
export async function serveDevelopers(path: string, known: Known): Promise<Developers> {
  const server = createServer((request, response) => answer(request, response, known))
  await listenInPlace(server, path)
  server.unref()
  return {
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer({ headers }: IncomingMessage, response: ServerResponse, { plugins, isDeveloped, starting }: Known): void {
  const routed = headerOf(headers, 'x-mfserv-plugin')
  const isClaimed = !routed.startsWith('#')
  const [, first = ''] = /^\/([A-Za-z0-9_-]+)/.exec(headerOf(headers, 'x-mfserv-uri')) ?? []
  const name = isClaimed ? routed : first
  const plugin = isDeveloped(name) ? plugins().find((one) => one.name === name) : undefined
  const begun = plugin === undefined ? [] : starting(plugin.name)
  if (plugin === undefined || (!isInTrouble(plugin) && begun.length === 0)) {
    const elsewhere = isClaimed ? NOT_FOR_DEVELOPERS.failing : NOT_FOR_DEVELOPERS.unclaimed
    response.writeHead(503, { 'X-Accel-Redirect': elsewhere }).end()
    return
  }
  const { type, body, edition } = developerPage(
    plugin,
    begun,
    formatOf(headerOf(headers, 'x-mfserv-format')),
    headerOf(headers, 'x-request-id'),
  )
  response
    .writeHead(503, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'Content-Security-Policy': POLICY,
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Mfserv-Developer': edition,
    })
    .end(body)
}

function formatOf(text: string): Format {
  return text === 'html' || text === 'json' ? text : 'text'
}

function headerOf(headers: IncomingMessage['headers'], name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}
