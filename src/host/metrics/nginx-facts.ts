import { statSync } from 'node:fs'
import type { Asked } from '../../config/listen/listener.ts'
import { pluginsWithAccessLog } from '../../nginx/markers.ts'
import { textOf } from '../disk/text-of.ts'
import { request } from '../process/http.ts'

const ANSWERS_WITHIN_MS = 1000
const MOST_BYTES = 4096

/** What `stub_status` tells. */
export interface NginxNumbers {
  readonly accepted: number
  readonly handled: number
  readonly active: number
  readonly reading: number
  readonly writing: number
  readonly waiting: number
}

/** Asks nginx by plain HTTP; undefined when it does not answer, or knows no such page. */
export function askNginx(at: Asked | undefined): Promise<NginxNumbers | undefined> {
  if (at?.protocol !== 'http:') return Promise.resolve(undefined)
  const { host, port } = at
  return new Promise((resolve) => {
    const where = { host, port, path: '/status', agent: false, timeout: ANSWERS_WITHIN_MS }
    const asked = request(where, (answer) => {
      let text = ''
      answer.on('data', (part: Buffer) => {
        text += part.toString('latin1')
        if (text.length > MOST_BYTES) asked.destroy()
      })
      answer.on('end', () => resolve(numbersIn(text)))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.on('close', () => resolve(undefined))
    asked.end()
  })
}

function numbersIn(text: string): NginxNumbers | undefined {
  const [, active] = /^Active connections: (\d+)/m.exec(text) ?? []
  const [, accepted, handled] = /^ (\d+) (\d+) \d+/m.exec(text) ?? []
  const [, reading, writing, waiting] = /^Reading: (\d+) Writing: (\d+) Waiting: (\d+)/m.exec(text) ?? []
  const numbers = { accepted, handled, active, reading, writing, waiting }
  if (Object.values(numbers).includes(undefined)) return undefined
  return {
    accepted: Number(accepted),
    handled: Number(handled),
    active: Number(active),
    reading: Number(reading),
    writing: Number(writing),
    waiting: Number(waiting),
  }
}

/** Which plugins have an access log of their own in the configuration that nginx has; read again only when it is another. */
export class OwnAccessLogs {
  readonly #file: string
  #stamp: number | undefined
  #plugins: readonly string[] = []

  constructor(file: string) {
    this.#file = file
  }

  plugins(): readonly string[] {
    const stamp = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs
    if (stamp !== this.#stamp) {
      this.#stamp = stamp
      this.#plugins = pluginsWithAccessLog(textOf(this.#file) ?? '')
    }
    return this.#plugins
  }
}
