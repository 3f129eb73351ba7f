import { join } from 'node:path'
import { pythonEnvironment } from '../../src/host/programs/tools.ts'
import { WORKERS } from '../plugins.ts'
import type { Argv, Scratch, Started } from '../scratch.ts'
import { bodyOf } from '../throughput/contender.ts'
import { startNginx } from '../throughput/nginx.ts'
import { plainProxy } from '../throughput/plain-proxy.ts'
import { installPython } from '../virtualenv.ts'
import { aloneAndBehindNginx } from './alone.ts'
import { commandByHand as commandOnPortByHand, nodeByHand as nodeOnPortByHand } from './on-port.ts'
import { commandByHand, nodeAlone, phpFpm, staticByHand } from './rivals-of-others.ts'
import { type MeasuredType, pathOf, type Served } from './served.ts'
import { TORNADO_ALONE, UWSGI_PARAMS } from './texts.ts'

/** The versions of what no plugin brings. uWSGI as the wheel that its own project publishes: building it needs a compiler. */
export const UWSGI = 'pyuwsgi==2.0.30.post1'
export const UVICORN = 'uvicorn[standard]==0.54.0'

/** What a user would run instead; `homes` are the plugins whose application it runs. */
export interface Rival {
  readonly name: string
  readonly needs: MeasuredType
  readonly start: (scratch: Scratch, homes: ReadonlyMap<MeasuredType, string>) => Promise<readonly Served[]>
}

export const RIVALS: readonly Rival[] = [
  { name: 'gunicorn', needs: 'gunicorn3_sync', start: gunicornSync },
  { name: UWSGI, needs: 'python3_sync', start: uwsgi },
  { name: 'gunicorn with the worker of aiohttp', needs: 'gunicorn3_asyncio', start: gunicornAiohttp },
  { name: UVICORN, needs: 'python3_asgi', start: uvicorn },
  { name: 'Tornado alone', needs: 'python3_tornado', start: tornado },
  { name: 'Node alone', needs: 'node', start: nodeAlone },
  { name: 'nginx by hand', needs: 'static', start: staticByHand },
  { name: 'php-fpm', needs: 'php', start: phpFpm },
  { name: 'the program behind nginx', needs: 'command', start: commandByHand },
  { name: 'nginx to the ports of Node', needs: 'node_on_port', start: nodeOnPortByHand },
  { name: 'nginx to the ports of the program', needs: 'command_on_port', start: commandOnPortByHand },
]

type Homes = ReadonlyMap<MeasuredType, string>

/** gunicorn and aiohttp are those of the plugin's own environment, so the versions are the same. */
function gunicornSync(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const types = ['python3_sync', 'gunicorn3_sync'] as const
  const program = join(homeOf(homes, 'gunicorn3_sync'), 'local/bin/gunicorn')
  const argv = (socket: string): Argv => [program, `--workers=${WORKERS}`, `--bind=unix:${socket}`, 'main.wsgi:application']
  return behindNginx(scratch, { by: 'nginx, gunicorn sync', types, cwd: homeOf(homes, 'python3_sync'), argv })
}

function gunicornAiohttp(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const types = ['aiohttp', 'gunicorn3_asyncio'] as const
  const cwd = homeOf(homes, 'gunicorn3_asyncio')
  const words = [`--workers=${WORKERS}`, '--worker-class=aiohttp.GunicornWebWorker', 'main.application:app']
  const argv = (socket: string): Argv => [join(cwd, 'local/bin/gunicorn'), `--bind=unix:${socket}`, ...words]
  return behindNginx(scratch, { by: 'nginx, gunicorn with aiohttp worker', types, cwd, argv })
}

async function uwsgi(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const bin = await installPython(scratch, 'uwsgi-virtualenv', [UWSGI])
  const words = ['--master', `--processes=${WORKERS}`, '--need-app', '--die-on-term', '--disable-logging', '--listen=100']
  const argv = (socket: string): Argv => [join(bin, 'uwsgi'), ...words, `--socket=${socket}`, '--module=main.wsgi:application']
  const http = (socket: string): string => `
  server {
    listen PORT;
    location / { ${UWSGI_PARAMS} uwsgi_pass unix:${socket}; }
  }`
  const cwd = homeOf(homes, 'python3_sync')
  return behindNginx(scratch, { by: 'nginx, uWSGI', types: ['python3_sync'], cwd, argv, http })
}

async function uvicorn(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const bin = await installPython(scratch, 'uvicorn-virtualenv', [UVICORN])
  const words = [`--workers=${WORKERS}`, '--no-access-log', '--log-level=warning', 'main.application:app']
  const argv = (socket: string): Argv => [join(bin, 'uvicorn'), `--uds=${socket}`, ...words]
  const cwd = homeOf(homes, 'python3_asgi')
  return behindNginx(scratch, { by: 'nginx, uvicorn', types: ['python3_asgi'], cwd, argv })
}

/** As Tornado's documentation forks it, on a port, without anything in front. */
async function tornado(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const { freePort } = await import('../../test/system/world.ts')
  const cwd = homeOf(homes, 'python3_tornado')
  const port = await freePort()
  const argv: Argv = [join(cwd, 'local/bin/python'), '-c', TORNADO_ALONE, String(port), String(WORKERS)]
  const server = scratch.start(argv, { cwd, env: pythonEnvironment(process.env) })
  return aloneAndBehindNginx(scratch, { type: 'python3_tornado', by: 'Tornado', port, server })
}

interface Behind {
  readonly by: string
  /** Those whose application this is. */
  readonly types: readonly MeasuredType[]
  readonly cwd: string
  readonly argv: (socket: string) => Argv
  readonly http?: (socket: string) => string
}

/** One server on a unix socket, and a plain nginx in front of it. */
async function behindNginx(scratch: Scratch, { by, types, cwd, argv, http = plainProxy }: Behind): Promise<readonly Served[]> {
  const name = by.replace(/\W+/g, '-')
  const socket = join(scratch.directory, `${name}.s`)
  const server: Started = scratch.start(argv(socket), { cwd, env: pythonEnvironment(process.env) })
  const front = await startNginx(scratch, { name, http: http(socket) })
  const served = types.map((type) => ({ type, by, url: front.url + pathOf(type), leaders: async () => [server.pid] }))
  for (const { url } of served) await bodyOf(url, [server, front.started])
  return served
}

export function homeOf(homes: Homes, type: MeasuredType): string {
  const home = homes.get(type)
  if (home === undefined) throw new Error(`no plugin of the type ${type}`)
  return home
}
