import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { pythonEnvironment } from '../../src/host/build/tools.ts'
import { pathsOf, runtimeHome } from '../../src/host/paths.ts'
import { ensurePython } from '../../src/host/python-framework.ts'
import type { World } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Scratch } from '../scratch.ts'
import { bodyOf, type Contender, PATHS } from './contender.ts'
import { startNginx } from './nginx.ts'

export const GUNICORN = 'gunicorn==27.0.1'

/** The WSGI application on gunicorn as its documentation deploys it: sync workers, a unix socket, its nginx configuration. */
export async function gunicorn(scratch: Scratch, world: World): Promise<readonly Contender[]> {
  const program = await install(scratch)
  const home = join(scratch.directory, 'gunicorn-app')
  cpSync(join(world.home, 'wsgi'), home, { recursive: true })
  const socket = join(scratch.directory, 'gunicorn.sock')
  const words = [`--workers=${WORKERS}`, `--bind=unix:${socket}`, 'main.wsgi:application']
  const server = scratch.start([program, ...words], { cwd: home, env: pythonEnvironment(process.env) })
  const front = await startNginx(scratch, {
    name: 'gunicorn',
    http: `
  upstream app_server { server unix:${socket} fail_timeout=0; }
  server {
    listen PORT;
    client_max_body_size 4G;
    keepalive_timeout 5;
    location / {
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Host $http_host;
      proxy_redirect off;
      proxy_pass http://app_server;
    }
  }`,
  })
  const url = front.url + PATHS.python3_sync
  await bodyOf(url, [server, front.started])
  return [{ app: 'python3_sync', servedBy: 'nginx, gunicorn', url }]
}

/** Into a virtualenv of its own. */
async function install(scratch: Scratch): Promise<string> {
  const { python3, uv } = await ensurePython(pathsOf(runtimeHome()))
  const virtualenv = join(scratch.directory, 'gunicorn-virtualenv')
  const python = join(virtualenv, 'bin/python')
  const env = pythonEnvironment(process.env)
  if (uv === undefined) {
    await scratch.run([python3, '-m', 'venv', virtualenv], { env })
    await scratch.run([python, '-m', 'pip', 'install', '--quiet', GUNICORN], { env })
  } else {
    await scratch.run([uv, 'venv', '--quiet', '--no-project', '--python', python3, virtualenv], { env })
    await scratch.run([uv, 'pip', 'install', '--quiet', '--python', python, GUNICORN], { env })
  }
  return join(virtualenv, 'bin/gunicorn')
}
