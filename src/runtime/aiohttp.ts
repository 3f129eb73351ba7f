import type { Runtime } from './contract.ts'
import { pythonServer } from './python-server.ts'

/** An aiohttp application. A file without an `app` is run as a script, as older plugins expect it. */
export const aiohttp: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'script or callable',
  facts: {
    language: 'Python 3',
    server: 'aiohttp',
    concurrency: 'many, in one thread',
    timeout: '504 and the handler is cancelled; once the answer has begun, nginx ends it when it is silent for timeout + 2 s',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the requests under way, closes websockets with code 1001',
    limits: 'a handler that blocks stops the whole worker; it is replaced 3 to 4 s after timeout',
  },
  worker: (app, _plugin, place) => pythonServer('aiohttp', app, place),
}
