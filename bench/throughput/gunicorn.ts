import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { pythonEnvironment } from '../../src/host/programs/tools.ts'
import type { World } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Scratch } from '../scratch.ts'
import { installPython } from '../virtualenv.ts'
import { bodyOf, type Contender, PATHS } from './contender.ts'
import { startNginx } from './nginx.ts'
import { plainProxy } from './plain-proxy.ts'

export const GUNICORN = 'gunicorn==27.0.1'

/** The WSGI application on gunicorn as its documentation deploys it: sync workers, a unix socket, its nginx configuration. */
export async function gunicorn(scratch: Scratch, world: World): Promise<readonly Contender[]> {
  const program = join(await installPython(scratch, 'gunicorn-virtualenv', [GUNICORN]), 'gunicorn')
  const home = join(scratch.directory, 'gunicorn-app')
  cpSync(join(world.home, 'wsgi'), home, { recursive: true })
  const socket = join(scratch.directory, 'gunicorn.sock')
  const words = [`--workers=${WORKERS}`, `--bind=unix:${socket}`, 'main.wsgi:application']
  const server = scratch.start([program, ...words], { cwd: home, env: pythonEnvironment(process.env) })
  const front = await startNginx(scratch, { name: 'gunicorn', http: plainProxy(socket) })
  const url = front.url + PATHS.python3_sync
  await bodyOf(url, [server, front.started])
  return [{ app: 'python3_sync', servedBy: 'nginx, gunicorn', url }]
}
