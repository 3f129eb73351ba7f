import type { Runtime } from './contract.ts'
import { mountOption } from './mount-option.ts'

/** A WSGI application, one request at a time in one worker. Its server is ours: docs/decisions/0002-wsgi-server.md. */
export const python3Sync: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'callable',
  facts: {
    language: 'Python 3',
    server: 'mfserv’s own, on httptools',
    concurrency: '1',
    timeout: '504 and the worker goes on; a request that cannot be interrupted ends its worker',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'answers every request that has been sent',
    limits: 'no websockets',
  },
  worker: (app, _plugin, place) => ({
    argv: [
      place.python3Path,
      `${place.mfservHome}/python/mfserv_wsgi.py`,
      `--timeout=${place.timeout}`,
      `--library=${place.pythonLibrary}`,
      ...mountOption(place),
      ...(app.debug ? ['--debug'] : []),
      '--',
      app.entry,
      place.socket,
    ],
    env: {},
  }),
}
