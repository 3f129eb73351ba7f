import type { Runtime } from './contract.ts'
import { placed } from './placed.ts'

/** Any program that listens on `{unix_socket_path}`. It may close after each answer, so nginx keeps no connection to it. */
export const command: Runtime = {
  language: 'any',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'command',
  facts: {
    language: 'any',
    server: 'the program',
    concurrency: 'up to the program',
    timeout: '504 from nginx, 2 s after timeout; the program does not notice',
    debugger: 'up to the program',
    stop: 'SIGTERM when no connection is left, or timeout + 2 s after the swap',
    limits: 'a connection for each request',
  },
  worker: (app, plugin, place) => ({
    argv: placed(app.entry, {
      unix_socket_path: place.socket,
      timeout: String(place.timeout),
      debug_extra_options: '',
      plugin_name: plugin.name,
      plugin_dir: plugin.home,
      app_name: app.name,
    }),
    env: {},
  }),
}
