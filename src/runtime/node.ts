import { inApp } from './app-directory.ts'
import type { Runtime } from './contract.ts'
import { words } from './words.ts'

export const node: Runtime = {
  language: 'node',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'file',
  facts: {
    language: 'JavaScript; TypeScript, but for the syntax that Node does not run',
    server: 'the app’s own, as it is: Express in the template',
    concurrency: 'many, in one thread',
    timeout: '504 where the app keeps the time it is told, as in the template; from nginx 2 s later otherwise',
    debugger: 'the inspector, on loopback, behind a secret URL',
    stop: 'up to the app: the template finishes the requests under way; one that knows nothing of SIGTERM ends when no connection is left',
    limits: 'code that blocks stops the whole worker',
  },
  worker: (app, plugin, place) => ({
    argv: [
      place.nodePath,
      // A free port. The URL cannot be guessed, and Node writes it into the log alone: every user of the machine can reach the port.
      ...(app.debug ? ['--inspect=127.0.0.1:0', '--inspect-publish-uid=stderr'] : []),
      // Of Node itself 16384, for all headers: what nginx adds is not to be taken from what the client may send.
      ...(place.isOwnNode === true ? [] : ['--max-http-header-size=20480']),
      // What `console` writes gets the id of its request.
      `--require=${place.mfservHome}/share/node-request-id.cjs`,
      // A server that asks for a port gets the socket.
      `--require=${place.mfservHome}/share/node-socket.cjs`,
      ...words(app.nodeExtraOpts),
      `${plugin.home}/${inApp(app, app.entry)}`,
      place.socket,
      String(place.timeout),
    ],
    env: { NODE_PATH: `${place.mfservHome}/share/node-path` },
  }),
}
