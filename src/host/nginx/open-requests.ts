import type { Asked } from '../../config/listen/listener.ts'
import { request as httpRequest } from '../process/http.ts'

const ANSWERS_WITHIN_MS = 5000

/**
 * How many requests nginx is at, by its own count; undefined where it does not tell. The one that asks is left out. A connection
 * that waits for its next request is none.
 */
export async function openRequests(at: Asked | undefined): Promise<number | undefined> {
  const said = at === undefined ? undefined : await ask(at)
  const [, reading, writing] = /Reading: (\d+) Writing: (\d+)/.exec(said ?? '') ?? []
  return reading === undefined || writing === undefined ? undefined : Math.max(0, Number(reading) + Number(writing) - 1)
}

function ask({ protocol, host, port }: Asked): Promise<string | undefined> {
  const request = protocol === 'http:' ? httpRequest : process.getBuiltinModule('node:https').request
  // The certificate is for the name of the machine, not for this address.
  const to = { host, port, path: '/status', agent: false, rejectUnauthorized: false }
  return new Promise((resolve) => {
    const asked = request({ ...to, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(answer.statusCode === 200 ? text : undefined))
      answer.on('error', () => resolve(undefined))
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}
