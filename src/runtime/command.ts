import type { Runtime } from './runtime.ts'
import { words } from './words.ts'

/** Any program that listens on `{unix_socket_path}`. It may close after each answer, so nginx keeps no connection to it. */
export const command: Runtime = {
  language: 'any',
  keepAlive: false,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  worker: (app, plugin, place) => {
    const values = new Map([
      ['unix_socket_path', place.socket],
      ['timeout', String(place.timeout)],
      ['debug_extra_options', ''],
      ['plugin_name', plugin.name],
      ['plugin_dir', plugin.home],
      ['app_name', app.name],
    ])
    const fill = (word: string): string => word.replace(/\{(\w+)\}/g, (all, name: string) => values.get(name) ?? all)
    // A placeholder without a value leaves no word behind; an empty word that was written is meant.
    const argv = words(app.entry).flatMap((word) => (word !== '' && fill(word) === '' ? [] : [fill(word)]))
    return { argv, env: {} }
  },
}
