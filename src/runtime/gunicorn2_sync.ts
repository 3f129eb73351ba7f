import type { Runtime } from './contract.ts'
import { python2Server } from './python2-server.ts'

/** A WSGI application in Python 2.7 under gunicorn 19, one of its workers in each of ours. It closes every connection. */
export const gunicorn2Sync: Runtime = {
  language: 'python2',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'callable',
  deprecated: 'python2_sync',
  facts: {
    language: 'Python 2.7',
    server: 'gunicorn 19',
    concurrency: '1',
    timeout: '504 and the worker goes on; a request that cannot be interrupted ends its gunicorn worker',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the request under way',
    limits: 'deprecated; Python 2 and this gunicorn get no corrections any more; two processes for one worker; no websockets',
  },
  worker: (app, _plugin, place) => python2Server('mfserv_gunicorn.py', app, place),
}
