import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { commandLineOf, environmentOf } from '../../src/host/process/proc.ts'
import { WORKER_VARIABLE } from '../../src/host/workers/spawn.ts'
import type { World } from '../../test/system/world.ts'
import type { Scratch, Started } from '../scratch.ts'
import { APPS, type AppType, bodyOf, type Contender, PATHS } from './contender.ts'
import { startNginx } from './nginx.ts'

interface HandStarted {
  readonly sockets: readonly string[]
  readonly processes: readonly Started[]
}

/**
 * The same workers, started by hand, behind the configuration that somebody who knows nginx would write for exactly these
 * three apps: kept connections to the workers, unbounded because nothing is ever replaced, and no header they do not need.
 */
export async function handWritten(scratch: Scratch, world: World): Promise<readonly Contender[]> {
  const wsgi = await startWorkersOf('wsgi', scratch, world)
  const express = await startWorkersOf('express', scratch, world)
  const { url, started } = await startNginx(scratch, {
    name: 'hand-written',
    logOptions: 'buffer=64k flush=1s',
    http: `
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  ${upstream('wsgi', wsgi.sockets)}
  ${upstream('express', express.sockets)}
  server {
    listen PORT backlog=4096;
    location /pages/ { alias ${join(world.home, 'pages/main')}/; }
    location /wsgi { proxy_pass http://wsgi; }
    location /express { proxy_pass http://express; }
  }`,
  })
  for (const app of APPS) await bodyOf(url + PATHS[app], [started, ...wsgi.processes, ...express.processes])
  const workers: Readonly<Record<AppType, readonly Started[]>> = {
    static: [],
    python3_sync: wsgi.processes,
    node: express.processes,
  }
  return APPS.map((app) => {
    const processes = { front: [started.pid], application: workers[app].map(({ pid }) => pid) }
    return { app, servedBy: 'nginx written by hand, same workers', url: url + PATHS[app], processes }
  })
}

function upstream(name: string, sockets: readonly string[]): string {
  return `upstream ${name} { ${sockets.map((socket) => `server unix:${socket};`).join(' ')} keepalive 32; }`
}

/** As many as mfserv runs, each with the words, the environment and the directory of one of those, on a socket of its own. */
async function startWorkersOf(name: string, scratch: Scratch, world: World): Promise<HandStarted> {
  const slots = (await world.plugin(name)).apps.flatMap((app) => app.slots)
  const workers = slots.map(({ pid }, index) => {
    if (pid === null) throw new Error(`${name} has a slot without a worker`)
    const socket = join(scratch.directory, `${name}.${index}`)
    const [program = '', ...words] = commandLineOf(pid).map((word) =>
      word.startsWith(join(world.home, 'var/run/')) ? socket : word,
    )
    if (!words.includes(socket)) throw new Error(`no socket in the command line of ${name}: ${words.join(' ')}`)
    const { [WORKER_VARIABLE]: _mark, ...env } = environmentOf(pid)
    return { socket, started: scratch.start([program, ...words], { cwd: readlinkSync(`/proc/${pid}/cwd`), env }) }
  })
  return { sockets: workers.map(({ socket }) => socket), processes: workers.map(({ started }) => started) }
}
