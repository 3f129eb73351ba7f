import type { Runtime } from './contract.ts'
import { pythonServer } from './python-server.ts'

/** A Tornado application. A file without an `app` is run as a script, as older plugins expect it. */
export const python3Tornado: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'script or callable',
  facts: {
    language: 'Python 3',
    server: 'Tornado',
    concurrency: 'many, in one thread',
    timeout:
      '504, while the handler goes on unheard; once the answer has begun, nginx ends it when it is silent for timeout + 2 s',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the requests under way',
    limits: 'a handler that blocks stops the whole worker; it is replaced 3 to 4 s after timeout',
  },
  worker: (app, _plugin, place) => pythonServer('tornado', app, place),
}
