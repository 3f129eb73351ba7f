import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, setKey, writeFile } from '../../test/system/world.ts'
import { WORKERS } from '../plugins.ts'
import type { Argv, Scratch } from '../scratch.ts'
import { bodyOf } from '../throughput/contender.ts'
import { startNginx } from '../throughput/nginx.ts'
import { onPort } from '../throughput/on-port.ts'
import { type MeasuredType, nameOf, pathOf, type Served } from './served.ts'

type Homes = ReadonlyMap<MeasuredType, string>

const PROGRAM = `
const [port] = process.argv.slice(2)
require('node:http').createServer((_asked, answer) => answer.end('Hello World!')).listen(Number(port), '127.0.0.1')
`

/** What makes the plugin of a template one whose server only knows a port. */
export const ADAPTED: Readonly<Partial<Record<MeasuredType, (home: string) => void>>> = {
  node_on_port: (home) => {
    const file = join(home, nameOf('node_on_port'), 'server.js')
    writeFile(file, onPort(readFileSync(file, 'utf8')))
  },
  command_on_port: (home) => {
    writeFile(join(home, 'main/server.js'), PROGRAM)
    setKey(home, 'main_arg', 'node main/server.js {port}')
  },
}

export function nodeByHand(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const home = homes.get('node_on_port') ?? ''
  return byHand(scratch, 'node_on_port', home, () => [process.execPath, join(nameOf('node_on_port'), 'server.js')])
}

export function commandByHand(scratch: Scratch, homes: Homes): Promise<readonly Served[]> {
  const home = homes.get('command_on_port') ?? ''
  return byHand(scratch, 'command_on_port', home, (port) => [process.execPath, 'main/server.js', String(port)])
}

/** The same server as often as mfserv starts it, each on a port, and an nginx that passes to the ports as it does by default. */
async function byHand(
  scratch: Scratch,
  type: MeasuredType,
  cwd: string,
  argv: (port: number) => Argv,
): Promise<readonly Served[]> {
  const ports: number[] = []
  while (ports.length < WORKERS) ports.push(await freePort())
  const servers = ports.map((port) => {
    return scratch.start(argv(port), { cwd, env: { ...process.env, PORT: String(port), NODE_ENV: 'production' } })
  })
  const front = await startNginx(scratch, {
    name: `${nameOf(type)}-by-hand`,
    http: `
  upstream programs { ${ports.map((port) => `server 127.0.0.1:${port};`).join(' ')} }
  server {
    listen PORT;
    location / { proxy_set_header Host $http_host; proxy_pass http://programs; }
  }`,
  })
  const url = front.url + pathOf(type)
  await bodyOf(url, [...servers, front.started])
  return [{ type, by: 'nginx straight to the ports', url, leaders: async () => servers.map(({ pid }) => pid) }]
}
