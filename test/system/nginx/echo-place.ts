import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { after } from 'node:test'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'
import type { RoutesCase } from '../../support/routes-fixture.ts'
import { ask, openPlace } from './place.ts'

/** For the tests of one file; each has a plugin of its own. */
export const place = await openPlace()

export const { port } = place
const HOME = '/HOME'

const routes: RoutesCase = {
  server: { uploadMaxBodySizeMb: 1, uuidExtraAllows: [] },
  plugins: [
    {
      plugin: 'echo',
      apps: [
        { app: 'main', prefixes: ['/echo/main', '/echo'], hosts: ['echo.test'], sockets: [`${HOME}/echo.sock`], debug: true },
      ],
    },
    { plugin: 'closing', apps: [{ app: 'main', sockets: [`${HOME}/echo.sock`], keepAlive: false }] },
    { plugin: 'down', apps: [{ app: 'main', sockets: [`${HOME}/gone.1`, `${HOME}/gone.2`], holdSocket: `${HOME}/hold.sock` }] },
    { plugin: 'dead', apps: [{ app: 'main', sockets: [`${HOME}/gone.1`], holdSocket: `${HOME}/gone.hold` }] },
    { plugin: 'stream', apps: [{ app: 'main', sockets: [`${HOME}/stream.sock`] }] },
    { plugin: 'slow', apps: [{ app: 'main', sockets: [`${HOME}/never.sock`], timeoutSeconds: 1 }] },
    { plugin: 'ws', apps: [{ app: 'main', sockets: [`${HOME}/ws.sock`], keepAlive: false }] },
    {
      plugin: 'site',
      apps: [{ app: 'main', kind: 'files', prefixes: ['/site/main', '/site'], hosts: ['site.test'], directory: `${HOME}/site` }],
    },
    {
      plugin: 'mixed',
      apps: [
        {
          app: 'main',
          prefixes: ['/mixed/main', '/mixed'],
          sockets: [`${HOME}/echo.sock`],
          static: { urlPrefix: '/static', directory: `${HOME}/site` },
          appFragment:
            'add_header X-Frame-Options DENY;\nproxy_set_header X-Real-IP hidden;\nset $extra_log_format \',"kind":"mixed"\';\nlocation /mixed/main/private/ { deny all; }\nlocation /mixed/main/forging/ { set $extra_log_format \',"a": 1 }\\n{ "@timestamp": "forged", "plugin": "site"\'; return 204; }\nlocation /mixed/main/claiming/ { set $extra_log_format \',"plugin" : "site"\'; return 204; }\nlocation /mixed/main/escaping/ { set $extra_log_format \',"pl\\u0075gin": "site"\'; return 204; }',
        },
      ],
    },
  ],
}

await place.backend('echo.sock', (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  let length = 0
  request.on('data', (part: Buffer) => {
    length += part.length
  })
  request.on('end', () => {
    response.writeHead(Number(searchParams.get('status') ?? 200), { 'X-Request-Id': 'of the app', 'X-Path': pathname })
    response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers, length }))
  })
})

await place.backend('hold.sock', (_request, response) => response.end('from the hold'))

await place.backend('never.sock', () => undefined)

const sockets = new WebSocketServer({ server: await place.backend('ws.sock', (_request, response) => response.end()) })

sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))

place.write('site/index.html', '<p>hello</p>')

place.write('site/sub/index.html', 'sub')

place.write('site/empty/file.txt', 'in empty')

place.write('site/.secret', 'secret')

place.write('site/.git/config', 'secret')

place.write('site/.well-known/security.txt', 'Contact: us')

place.write('site/app.js', 'let a')

place.write('site/app.js.gz', gzipSync('let zipped'))

place.write('site/module.wasm', '')

place.write('secret.txt', 'outside')

await place.publish(JSON.parse(JSON.stringify(routes).replaceAll(HOME, place.paths.runtimeHome)))

after(async () => {
  await place[Symbol.asyncDispose]()
})

export interface Echo {
  readonly url: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly length: number
}

export async function echoed(path: string, options: Parameters<typeof ask>[2] = {}): Promise<Echo> {
  const { status, body } = await ask(port, path, options)
  assert.equal(status, 200, body)
  return JSON.parse(body) as Echo
}

/** Sends these very bytes and answers what comes back. */
export function rawly(bytes: string, to = port): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
