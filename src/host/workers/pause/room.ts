import { rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { FACES_OF_HOLD } from '../../../config/own-paths.ts'
import { listenInPlace } from '../../process/listen.ts'
import type { HoldLimits } from '../hold.ts'

/** Where requests for the files of paused plugins wait: nginx serves the files itself, so that it only has to be told when. */
export interface WaitingRoom {
  /** How many wait now: of one plugin, or of all. */
  readonly held: (plugin?: string) => number
  /** Lets everybody go whose plugin is no longer paused. */
  readonly look: () => void
  /** Takes nobody in any more, because another has its place: who waits is sent there. */
  readonly giveWay: () => void
  /** Who waits is told to come back later. */
  readonly close: () => void
}

/** nginx gives a request that it was told this to its location again. */
const GO_ON = { 'X-Accel-Redirect': '@mfserv_resumed' }
const REFUSED = { 'X-Accel-Redirect': FACES_OF_HOLD.paused }
const RETRY_AFTER_SECONDS = 5
const LOOK_MS = 100

export async function openWaitingRoom(
  path: string,
  limits: () => HoldLimits,
  isPaused: (plugin: string) => boolean,
): Promise<WaitingRoom> {
  const waiting = new Map<ServerResponse, { readonly plugin: string; readonly late: NodeJS.Timeout }>()
  const held = (plugin?: string): number =>
    plugin === undefined ? waiting.size : [...waiting.values()].filter((one) => one.plugin === plugin).length
  const leave = (response: ServerResponse): void => {
    clearTimeout(waiting.get(response)?.late)
    waiting.delete(response)
  }
  const server = createServer((request, response) => {
    const plugin = String(request.headers['x-mfserv-plugin'] ?? '')
    const { waitMs, waiting: most } = limits()
    if (!isPaused(plugin)) goOn(response)
    else if (held(plugin) >= most) refuse(response)
    else {
      const late = setTimeout(() => {
        leave(response)
        refuse(response)
      }, waitMs)
      waiting.set(response, { plugin, late })
      response.once('close', () => leave(response))
    }
  })
  const letGo = (isFree: (plugin: string) => boolean, answer: (response: ServerResponse) => void): void => {
    for (const [response, { plugin }] of [...waiting]) {
      if (!isFree(plugin)) continue
      leave(response)
      answer(response)
    }
  }
  const look = (): void => letGo((plugin) => !isPaused(plugin), goOn)
  const timer = setInterval(() => {
    if (waiting.size > 0) look()
  }, LOOK_MS)
  const end = (): void => {
    clearInterval(timer)
    server.close()
  }
  await listenInPlace(server, path)
  return {
    held,
    look,
    giveWay: () => {
      end()
      letGo(() => true, goOn)
    },
    close: () => {
      end()
      letGo(() => true, refuse)
      rmSync(path, { force: true })
    },
  }
}

function goOn(response: ServerResponse): void {
  response.writeHead(200, { ...GO_ON, Connection: 'close' }).end()
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { ...REFUSED, 'Retry-After': RETRY_AFTER_SECONDS, Connection: 'close' }).end()
}
