import type { Runtime } from './contract.ts'
import { python2Server } from './python2-server.ts'

/** A WSGI application in Python 2.7, one request at a time in one worker. Its server is ours, in Python 2 alone. */
export const python2Sync: Runtime = {
  language: 'python2',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'callable',
  facts: {
    language: 'Python 2.7',
    server: 'mfserv’s own',
    concurrency: '1',
    timeout: '504 and the worker goes on; a request that cannot be interrupted ends its worker',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'answers every request that has been sent',
    limits: 'Python 2 gets no corrections any more; a connection for each request; no websockets',
  },
  worker: (app, _plugin, place) => python2Server('mfserv_wsgi.py', app, place),
}
