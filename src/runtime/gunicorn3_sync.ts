import type { Runtime } from './contract.ts'
import { mountOption } from './mount-option.ts'
import { pythonServer } from './python-server.ts'

/** A WSGI application under gunicorn, one of its workers in each of ours. It closes every connection. */
export const gunicorn3Sync: Runtime = {
  language: 'python3',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'callable',
  deprecated: 'python3_sync',
  facts: {
    language: 'Python 3',
    server: 'gunicorn',
    concurrency: '1',
    timeout: '504 and the worker goes on; a request that cannot be interrupted ends its gunicorn worker',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the request under way',
    limits: 'deprecated; two processes for one worker; no websockets',
  },
  worker: (app, _plugin, place) => pythonServer('gunicorn', app, place, mountOption(place)),
}
