import type { Scratch, Started } from '../scratch.ts'
import { bodyOf } from '../throughput/contender.ts'
import { startNginx } from '../throughput/nginx.ts'
import { keepingProxy } from '../throughput/plain-proxy.ts'
import { type MeasuredType, nameOf, pathOf, type Served } from './served.ts'

interface OnPort {
  readonly type: MeasuredType
  readonly by: string
  readonly port: number
  readonly server: Started
}

/** The same server twice: mfserv can at best be as fast as the second. */
export async function aloneAndBehindNginx(scratch: Scratch, { type, by, port, server }: OnPort): Promise<readonly Served[]> {
  const alone = `http://127.0.0.1:${port}${pathOf(type)}`
  await bodyOf(alone, [server])
  const front = await startNginx(scratch, { name: `${nameOf(type)}-behind`, http: keepingProxy(port) })
  const behind = front.url + pathOf(type)
  await bodyOf(behind, [server, front.started])
  const leaders = async () => [server.pid]
  return [
    { type, by: `${by} alone`, url: alone, leaders },
    { type, by: `nginx that keeps connections, ${by}`, url: behind, leaders },
  ]
}
