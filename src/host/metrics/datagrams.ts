import { createSocket } from 'node:dgram'
import type { Place } from '../../metrics/page/listen.ts'

/** Sends datagrams to a place. Whether anybody hears them changes nothing. */
export class Datagrams {
  readonly #socket: ReturnType<typeof createSocket>
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
    this.#socket = createSocket(place.host.includes(':') ? 'udp6' : 'udp4')
    this.#socket.on('error', () => undefined)
    this.#socket.unref()
  }

  send(all: readonly string[]): void {
    const { host, port } = this.#place
    for (const one of all) this.#socket.send(one, port, host, () => undefined)
  }

  close(): void {
    this.#socket.close()
  }
}
