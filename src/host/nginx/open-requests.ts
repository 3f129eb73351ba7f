import { request as httpRequest } from '../process/http.ts'

const ANSWERS_WITHIN_MS = 5000

/**
 * How many requests nginx is at, by its own count; undefined where it does not tell. The one that asks is left out. A connection
 * that waits for its next request is none.
 */
export async function openRequests({ port, https_port: https }: Ports): Promise<number | undefined> {
  const said = port > 0 || https > 0 ? await ask(port, https) : undefined
  const [, reading, writing] = /Reading: (\d+) Writing: (\d+)/.exec(said ?? '') ?? []
  return reading === undefined || writing === undefined ? undefined : Math.max(0, Number(reading) + Number(writing) - 1)
}

interface Ports {
  readonly port: number
  readonly https_port: number
}

function ask(port: number, https: number): Promise<string | undefined> {
  const request = port > 0 ? httpRequest : process.getBuiltinModule('node:https').request
  // The certificate is for the name of the machine, not for this address.
  const to = { host: '127.0.0.1', port: port > 0 ? port : https, path: '/status', agent: false, rejectUnauthorized: false }
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
