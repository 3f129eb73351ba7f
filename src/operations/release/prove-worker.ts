import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { isMain, mountedAt } from '../../desired/claims/wanted.ts'
import { beginningOfBody } from '../../host/process/beginning-of-body.ts'
import { request } from '../../host/process/http.ts'
import type { App, HttpTest, Plugin } from '../../plugin/plugin.ts'

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
  if (app.httpTest !== undefined) return await testWorker(app.httpTest, questionOf(plugin, app, app.httpTest.endpoint), socket)
  const asked = questionOf(plugin, app, urlOf(plugin, app))
  const status = await ask(socket, asked, ANSWER_WITHIN_MS, statusOnly)
  if (status === undefined) return { is: 'unknown' }
  if (status < 500) return { is: 'sound' }
  const because = `GET ${urlOf(plugin, app)} of app ${app.name} is answered with ${status}`
  if (serving === undefined) return { is: 'doubtful', because }
  const before = await ask(serving, asked, ANSWER_WITHIN_MS, statusOnly)
  return before !== undefined && before >= 500 ? { is: 'sound' } : { is: 'unsound', because }
}

/** Asks until the answer is as expected, or the time of the test is up. */
async function testWorker(test: HttpTest, asked: Question, socket: string): Promise<Proof> {
  const deadline = performance.now() + test.timeout * 1000
  let last: string | undefined
  for (;;) {
    const answer = await ask(socket, asked, Math.max(1, deadline - performance.now()), answerOf)
    // A try that the end of the time has cut off says nothing that is not known already.
    const unanswered = performance.now() < deadline || last === undefined ? 'it is not answered' : last
    const because = answer === undefined ? unanswered : disagreement(test, answer)
    last = because
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
  /** Its beginning. */
  readonly body: string
}

interface Question {
  readonly path: string
  /** The prefix that nginx would have cut off from it. */
  readonly prefix?: string
}

/** What nginx would ask the worker for this URL. */
function questionOf(plugin: Plugin, app: App, url: string): Question {
  const prefix = mountedAt(plugin, app).find((one) => url === one || url.startsWith(`${one}/`) || url.startsWith(`${one}?`))
  if (prefix === undefined) return { path: url }
  const below = url.slice(prefix.length)
  return { path: below.startsWith('/') ? below : `/${below}`, prefix }
}

function urlOf(plugin: Plugin, app: App): string {
  if (!app.routing.prefix) return '/'
  return isMain(plugin, app) ? `/${plugin.name}` : `/${plugin.name}/${app.name}`
}

/** Undefined when there is no answer in time. */
function ask<T>(
  socketPath: string,
  { path, prefix }: Question,
  withinMs: number,
  read: (response: IncomingMessage) => Promise<T> | T,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const told = prefix === undefined ? {} : { 'X-Forwarded-Prefix': prefix }
    const headers = { Host: 'localhost', Connection: 'close', 'User-Agent': 'mfserv-proof', ...told }
    const signal = AbortSignal.timeout(Math.ceil(withinMs))
    const asked = request({ socketPath, path, headers, agent: false, signal }, async (response) => {
      try {
        resolve(await read(response))
      } catch {
        // It broke off, or its time was up.
        resolve(undefined)
      }
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

/** The body does not matter, and may have no end. */
function statusOnly(response: IncomingMessage): number {
  response.destroy()
  return response.statusCode ?? 0
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  return { status: response.statusCode ?? 0, body: await beginningOfBody(response) }
}
