import { placed } from './placed.ts'
import type { Runtime } from './runtime.ts'

/** Any program that listens on `{unix_socket_path}`. It may close after each answer, so nginx keeps no connection to it. */
export const command: Runtime = {
  language: 'any',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
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
