import type { Runtime } from './runtime.ts'

/** A WSGI application, one request at a time in one worker. Its server is ours: docs/decisions/0002-wsgi-server.md. */
export const python3Sync: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  worker: (app, _plugin, place) => ({
    argv: [
      place.python3Path,
      `${place.mfservHome}/python/mfserv_wsgi.py`,
      `--timeout=${place.timeout}`,
      `--library=${place.pythonLibrary}`,
      ...(app.debug ? ['--debug'] : []),
      '--',
      app.entry,
      place.socket,
    ],
    env: {},
  }),
}
