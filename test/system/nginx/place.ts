import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Routes } from '../../../src/desired/desired.ts'
import { prepareDirectories } from '../../../src/host/home/directories.ts'
import { MFSERV_HOME, type Paths, pathsOf } from '../../../src/host/home/paths.ts'
import type { Front, Publication } from '../../../src/host/nginx/front.ts'
import { nginxFront } from '../../../src/host/nginx/nginx-front.ts'
import { type RoutesCase, routesOf } from '../../support/routes-fixture.ts'

/** A runtime home of its own with a real nginx and workers that are small servers in this process. */
export interface Place {
  readonly paths: Paths
  readonly port: number
  readonly front: Front
  /** The routes of a golden case, placed here. */
  readonly routes: (input: RoutesCase) => Routes
  /** Publishes them; fails unless nginx serves them all. */
  readonly publish: (input: RoutesCase) => Promise<Publication>
  /** Answers the absolute path. Directories above are made. */
  readonly write: (file: string, text: string | Buffer) => string
  readonly backend: (socket: string, listener: RequestListener) => Promise<Server>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export async function openPlace(): Promise<Place> {
  const home = mkdtempSync(join(tmpdir(), 'mfserv-nginx-'))
  const paths = pathsOf(home)
  const port = await freePort()
  const front = nginxFront(paths)
  const backends: Server[] = []
  prepareDirectories(paths)
  const routes = (input: RoutesCase): Routes => placed(routesOf({ ...input, server: { port, ...input.server } }, home), paths)
  return {
    paths,
    port,
    front,
    routes,
    publish: async (input) => {
      const publication = await front.publish(routes(input))
      if (publication.is === 'failed') throw publication.problem
      for (const problem of publication.quarantined.values()) throw problem
      return publication
    },
    write: (file, text) => {
      mkdirSync(dirname(join(home, file)), { recursive: true })
      writeFileSync(join(home, file), text)
      return join(home, file)
    },
    backend: async (socket, listener) => {
      const server = createServer(listener)
      backends.push(server)
      await new Promise<void>((resolve) => server.listen(join(home, socket), resolve))
      return server
    },
    [Symbol.asyncDispose]: async () => {
      await front.stop(500)
      for (const server of backends) {
        server.closeAllConnections()
        server.close()
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const probe = createTcpServer()
  await new Promise<void>((resolve) => probe.listen(0, '0.0.0.0', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Names and values as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** The address that the client has. */
  readonly from?: string
}

/** One request on a connection of its own. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body, from }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = from === undefined ? {} : { localAddress: from }
    const where = { host: '127.0.0.1', port, path, method, ...client }
    // More than Node takes of itself: a test may be about long headers.
    const asked = request({ ...where, headers: { ...headers }, agent: false, maxHeaderSize: 1 << 20 }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, rawHeaders } = response
        resolve({ status, headers: response.headers, rawHeaders, body: Buffer.concat(parts).toString() })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

function placed(routes: Routes, paths: Paths): Routes {
  return {
    ...routes,
    paths: {
      ...routes.paths,
      pidFile: paths.nginxPid,
      accessLog: join(paths.log, 'nginx_access.log'),
      errorLog: join(paths.log, 'nginx_error.log'),
      tempDirectory: paths.nginxTemp,
      mimeTypes: join(MFSERV_HOME, 'share/mime.types'),
      healthDirectory: paths.health,
      welcomeDirectory: paths.welcome,
      stoppedDirectory: paths.stopped,
      asideDirectory: paths.aside,
      user: process.getuid?.() === 0 ? 'root' : undefined,
    },
  }
}
