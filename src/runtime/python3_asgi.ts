import type { Runtime } from './contract.ts'
import { mountOption } from './mount-option.ts'
import { pythonServer } from './python-server.ts'

/** An ASGI application. Its server was chosen by measurement: docs/decisions/0004-asgi-server.md. */
export const python3Asgi: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'callable',
  facts: {
    language: 'Python 3',
    server: 'uvicorn',
    concurrency: 'many, in one thread',
    timeout: '504 and the application is cancelled; once the answer has begun, nginx ends it when it is silent for timeout + 2 s',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the requests under way, closes websockets with code 1012',
    limits: 'an application that blocks stops the whole worker; it is replaced 3 to 4 s after timeout',
  },
  worker: (app, _plugin, place) => pythonServer('asgi', app, place, mountOption(place)),
}
