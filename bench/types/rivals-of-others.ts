import { readFileSync, symlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { findPhpFpm } from '../../src/host/programs/php-fpm.ts'
import { freePort, writeFile } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Scratch, Started } from '../scratch.ts'
import { bodyOf } from '../throughput/contender.ts'
import { startNginx } from '../throughput/nginx.ts'
import { onPort } from '../throughput/on-port.ts'
import { aloneAndBehindNginx } from './alone.ts'
import { type MeasuredType, nameOf, pathOf, type Served } from './served.ts'
import { fastcgiParams, fpmPool, NODE_CLUSTER } from './texts.ts'

type Homes = ReadonlyMap<MeasuredType, string>

/** A process for each core by Node's own module `cluster`, on a port, nothing in front. */
export async function nodeAlone(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const home = homes.get('node') ?? ''
  const directory = join(scratch.directory, 'node-alone')
  const port = await freePort()
  writeFile(join(directory, 'server.js'), onPort(readFileSync(join(home, nameOf('node'), 'server.js'), 'utf8')))
  writeFile(join(directory, 'cluster.js'), NODE_CLUSTER)
  symlinkSync(join(home, 'node_modules'), join(directory, 'node_modules'))
  const env = { ...process.env, PORT: String(port), NODE_ENV: 'production' }
  const server = scratch.start([process.execPath, join(directory, 'cluster.js'), String(WORKERS)], { cwd: directory, env })
  return aloneAndBehindNginx(scratch, { type: 'node', by: 'Node cluster', port, server })
}

export async function staticByHand(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const { url: base, started } = await startNginx(scratch, {
    name: 'static-by-hand',
    logOptions: 'buffer=64k flush=1s',
    http: `
  server {
    listen PORT;
    location /${nameOf('static')}/ { alias ${join(homes.get('static') ?? '', 'main')}/; }
  }`,
  })
  const url = base + pathOf('static')
  await bodyOf(url, [started])
  return [{ type: 'static', by: 'nginx by hand', url, leaders: async () => [started.pid] }]
}

export async function phpFpm(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const { path, env } = findPhpFpm(process.env, pathsOf(runtimeHome())) ?? { path: 'php-fpm', env: {} }
  const socket = join(scratch.directory, 'php.s')
  const pool = join(scratch.directory, 'php-fpm.conf')
  writeFile(pool, fpmPool(socket, userInfo().username, WORKERS))
  const words = ['--nodaemonize', '--allow-to-run-as-root', `--fpm-config=${pool}`]
  const server = scratch.start([path, ...words], { cwd: dirname(pool), env })
  const script = join(homes.get('php') ?? '', 'main/index.php')
  const front = await startNginx(scratch, {
    name: 'php-by-hand',
    http: `
  server {
    listen PORT;
    location / { ${fastcgiParams(script)} fastcgi_pass unix:${socket}; }
  }`,
  })
  const url = front.url + pathOf('php')
  await bodyOf(url, [server, front.started])
  return [{ type: 'php', by: 'nginx, php-fpm', url, leaders: async () => [server.pid] }]
}

/** The same program as often as mfserv starts it, each on a socket. */
export async function commandByHand(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const home = homes.get('command') ?? ''
  const sockets = Array.from({ length: WORKERS }, (_one, index) => join(scratch.directory, `command.${index}`))
  const servers: readonly Started[] = sockets.map((socket) => scratch.start([join(home, 'bin/serve'), socket], { cwd: home }))
  const front = await startNginx(scratch, {
    name: 'command-by-hand',
    http: `
  upstream programs { ${sockets.map((socket) => `server unix:${socket};`).join(' ')} }
  server {
    listen PORT;
    location / { proxy_set_header Host $http_host; proxy_pass http://programs; }
  }`,
  })
  const url = front.url + pathOf('command')
  await bodyOf(url, [...servers, front.started])
  return [{ type: 'command', by: 'nginx, the same program', url, leaders: async () => servers.map(({ pid }) => pid) }]
}
