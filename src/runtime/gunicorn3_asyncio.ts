import type { Runtime } from './contract.ts'
import { pythonServer } from './python-server.ts'

/** An aiohttp application under gunicorn, one of its workers in each of ours. */
export const gunicorn3Asyncio: Runtime = {
  language: 'python3',
  keepAlive: true,
  serves: 'requests',
  readyPath: '/__mfserv_ready',
  entry: 'script or callable',
  deprecated: 'aiohttp',
  facts: {
    language: 'Python 3',
    server: 'gunicorn with the worker of aiohttp',
    concurrency: 'many, in one thread',
    timeout: 'as aiohttp',
    debugger: 'Werkzeug’s, in the browser',
    stop: 'finishes the requests under way, closes websockets with code 1001',
    limits: 'deprecated; two processes for one worker',
  },
  worker: (app, _plugin, place) => pythonServer('gunicorn-aiohttp', app, place),
}
