import type { Runtime } from './runtime.ts'
import { words } from './words.ts'

export const node: Runtime = {
  language: 'node',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  worker: (app, plugin, place) => ({
    argv: [
      place.nodePath,
      ...words(app.nodeExtraOpts),
      `${plugin.home}/${app.name}/${app.entry}`,
      place.socket,
      String(place.timeout),
    ],
    env: { NODE_PATH: `${place.mfservHome}/share/node_modules` },
  }),
}
