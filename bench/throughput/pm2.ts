import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { execute, freePort, type World, writeFile } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Scratch } from '../scratch.ts'
import { bodyOf, type Contender, PATHS } from './contender.ts'
import { startNginx } from './nginx.ts'
import { onPort } from './on-port.ts'

export const PM2 = 'pm2@7.0.4'

/** The Express application on PM2's cluster mode, on a port; alone, and behind the nginx of PM2's documentation with kept connections. */
export async function pm2(scratch: Scratch, world: World): Promise<readonly Contender[]> {
  const directory = join(scratch.directory, 'pm2')
  mkdirSync(directory)
  // PM2 and what it starts run on the Node that mfserv's workers run on.
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const port = await freePort()
  const env = { ...process.env, PATH: path, PM2_HOME: join(directory, 'home'), PORT: String(port) }
  await scratch.run(['npm', 'install', '--prefix', directory, '--no-fund', '--no-audit', '--ignore-scripts', PM2], { env })
  const program = join(directory, 'node_modules/pm2/bin/pm2')
  const script = writeApp(directory, join(world.home, 'express'))
  scratch.atEnd(async () => {
    const { code, stderr } = await execute(process.execPath, [program, 'kill'], { env, in: directory })
    if (code !== 0) throw new Error(`PM2 was not stopped: ${stderr}`)
  })
  await scratch.run([process.execPath, program, 'start', script, '--name=express', `--instances=${WORKERS}`], {
    env,
    cwd: directory,
  })
  const direct = `http://127.0.0.1:${port}${PATHS.node}`
  await bodyOf(direct)
  const front = await startNginx(scratch, {
    name: 'pm2-nginx',
    http: `
  upstream my_nodejs_upstream { server 127.0.0.1:${port}; keepalive 64; }
  server {
    listen PORT;
    location / {
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_redirect off;
      proxy_pass http://my_nodejs_upstream;
    }
  }`,
  })
  const behind = front.url + PATHS.node
  await bodyOf(behind, [front.started])
  return [
    { app: 'node', servedBy: 'nginx, PM2 cluster', url: behind },
    { app: 'node', servedBy: 'PM2 cluster alone', url: direct },
  ]
}

function writeApp(directory: string, plugin: string): string {
  const app = join(directory, 'app')
  writeFile(join(app, 'server.js'), onPort(readFileSync(join(plugin, 'express/server.js'), 'utf8')))
  symlinkSync(join(plugin, 'node_modules'), join(app, 'node_modules'))
  return join(app, 'server.js')
}
