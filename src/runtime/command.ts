import type { Runtime } from './contract.ts'
import { placed } from './placed.ts'
import { words } from './words.ts'

/** Whether the program is told a TCP port. One that is told a unix socket is told nothing else: there `{port}` are letters. */
export function isOnPort(type: string, entry: string): boolean {
  return type === 'command' && entry.includes('{port}') && !entry.includes('{unix_socket_path}')
}

/**
 * What starts a program that only knows a port: it finds one, fills in `{port}`, and passes on what comes to the socket
 * (docs/decisions/0018). It needs nothing of the plugin: no Python of it, and no module.
 */
export function portRelay(python3Path: string, mfservHome: string, socket: string): readonly string[] {
  return [python3Path, '-I', '-S', `${mfservHome}/python/mfserv_on_port.py`, socket, '--']
}

/**
 * Any program that listens on `{unix_socket_path}`, or on `{port}`. It may close after each answer, so nginx keeps no connection
 * to it; one on a port is reached over connections that are kept, because each costs two.
 */
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
    limits: 'a connection for each request, unless it listens on {port}',
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
    env: lent(app.entry, place.mfservHome),
  }),
}

/** What MFSERV had for every plugin, for a program in Python or Node that brings none of it: aiohttp, and metwork-tools. */
function lent(entry: string, mfservHome: string): Readonly<Record<string, string>> {
  const [program = ''] = words(entry).filter((word) => !/(^|\/)env$/.test(word))
  if (/(^|\/)python[\d.]*$/.test(program)) return { PYTHONPATH: `${mfservHome}/python/command-path` }
  return /(^|\/)node$/.test(program) ? { NODE_PATH: `${mfservHome}/share/node-path` } : {}
}
