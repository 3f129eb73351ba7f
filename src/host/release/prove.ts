import { setTimeout as pause } from 'node:timers/promises'
import { isMain } from '../../desired/routes.ts'
import type { App, HttpTest, Plugin } from '../../plugin/plugin.ts'
import { request } from '../http.ts'

/** How long an app without a test of its own may take for one answer; a longer one says nothing about it. */
const ANSWER_WITHIN_MS = 10_000
const RETRY_MS = 200

/** `unknown`: it did not answer in time, or it does not speak HTTP. `doubtful`: wrong, if there were another version to keep. */
export type Proof = { readonly is: 'sound' | 'unknown' } | { readonly is: 'unsound' | 'doubtful'; readonly because: string }

/**
 * Asks a worker of a new version before it gets any request: with the app's own `http_test_…` if it has one, otherwise for
 * the app's URL, where an answer of 500 or more is only wrong when the version that serves does not give one as well.
 */
export async function proveWorker(plugin: Plugin, app: App, socket: string, serving: string | undefined): Promise<Proof> {
  if (app.gateway === 'fastcgi') return { is: 'unknown' }
  if (app.httpTest !== undefined) return await testWorker(app.httpTest, socket)
  const path = pathOf(plugin, app)
  const answer = await ask(socket, path, ANSWER_WITHIN_MS)
  if (answer === undefined) return { is: 'unknown' }
  if (answer.status < 500) return { is: 'sound' }
  const because = `GET ${path} of app ${app.name} is answered with ${answer.status}`
  if (serving === undefined) return { is: 'doubtful', because }
  const before = await ask(serving, path, ANSWER_WITHIN_MS)
  return before !== undefined && before.status >= 500 ? { is: 'sound' } : { is: 'unsound', because }
}

/** Asks until the answer is as expected, or the time of the test is up. */
async function testWorker(test: HttpTest, socket: string): Promise<Proof> {
  const deadline = performance.now() + test.timeout * 1000
  for (;;) {
    const answer = await ask(socket, test.endpoint, Math.max(1, deadline - performance.now()))
    const because = answer === undefined ? 'it is not answered' : disagreement(test, answer)
    if (because === undefined) return { is: 'sound' }
    if (performance.now() + RETRY_MS >= deadline) {
      return { is: 'unsound', because: `its test GET ${test.endpoint} fails: ${because}` }
    }
    await pause(RETRY_MS)
  }
}

/** Undefined when the answer is as the test expects. */
export function disagreement({ expectedStatus, expectedBody }: HttpTest, { status, body }: Answer): string | undefined {
  if (status !== expectedStatus) return `the status is ${status}, not ${expectedStatus}`
  return body.includes(expectedBody) ? undefined : `the body does not contain ${JSON.stringify(expectedBody)}`
}

export interface Answer {
  readonly status: number
  readonly body: string
}

function pathOf(plugin: Plugin, app: App): string {
  if (!app.routing.prefix) return '/'
  return isMain(plugin, app) ? `/${plugin.name}` : `/${plugin.name}/${app.name}`
}

/** Undefined when there is no answer in time. */
function ask(socketPath: string, path: string, withinMs: number): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const headers = { Host: 'localhost', Connection: 'close', 'User-Agent': 'mfserv-proof' }
    const signal = AbortSignal.timeout(Math.ceil(withinMs))
    const asked = request({ socketPath, path, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(undefined))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}
