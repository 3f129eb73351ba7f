import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { findNginx, placeArguments } from '../../src/host/nginx/program.ts'
import { freePort, writeFile } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Scratch, Started } from '../scratch.ts'

interface Front {
  readonly name: string
  /** After nginx's usual format; without options each request is written by itself, as a packaged nginx does. */
  readonly logOptions?: string
  /** What stands in the http block; `PORT` is the port to listen on. */
  readonly http: string
}

/** An nginx in front of somebody else's workers: the program mfserv uses, with as many workers. Every one writes an access log. */
export async function startNginx(
  scratch: Scratch,
  { name, logOptions = '', http }: Front,
): Promise<{ url: string; started: Started }> {
  const directory = join(scratch.directory, name)
  mkdirSync(directory)
  const port = await freePort()
  const file = join(directory, 'nginx.conf')
  writeFile(
    file,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${directory}/nginx.pid;
worker_processes ${WORKERS};
events { worker_connections 4096; }
http {
  types { text/html html; text/plain txt; }
  access_log ${directory}/access.log combined ${logOptions};
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  sendfile on;
  tcp_nopush on;
${http.replaceAll('PORT', String(port))}
}
`,
  )
  const program = findNginx(pathsOf(runtimeHome()))
  const started = scratch.start([program.path, ...placeArguments(file, join(directory, 'error.log'))], { cwd: '/' })
  return { url: `http://127.0.0.1:${port}`, started }
}
