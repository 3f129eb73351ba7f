import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { askedAt } from '../../config/listen/listener.ts'
import type { Settings } from '../../config/settings.ts'
import { beginningOfBody } from '../../host/process/beginning-of-body.ts'
import { request as httpRequest } from '../../host/process/http.ts'
import { endGroup } from '../../host/process/proc.ts'
import type { HttpTest, Plugin } from '../../plugin/plugin.ts'
import { type Answer, disagreement } from '../release/prove-worker.ts'

/** What a check of a plugin came to. */
export interface Check {
  readonly name: string
  readonly ms: number
  /** Why it failed; undefined when it passed. */
  readonly because: string | undefined
}

const CUSTOM = 'bin/plugin.status'
const CUSTOM_WITHIN_MS = 30_000
const RETRY_MS = 200
const OUTPUT_LINES = 20
const MOST_OUTPUT = 65_536

/** Asks each app with `http_test_…` keys through nginx, and runs the plugin's own check in `environment`. */
export async function checkPlugin(
  plugin: Plugin,
  environment: NodeJS.ProcessEnv,
  settings: Pick<Settings, 'nginx'>,
): Promise<readonly Check[]> {
  const tests = plugin.apps.flatMap(({ name, httpTest }) => (httpTest === undefined ? [] : [{ name, httpTest }]))
  const asked = tests.map(({ name, httpTest }) =>
    timed(`GET ${httpTest.endpoint} of app ${name}`, () => askUntilRight(httpTest, settings)),
  )
  const own = isExecutable(join(plugin.home, CUSTOM)) ? [timed(CUSTOM, () => runOwn(plugin.home, environment))] : []
  return Promise.all([...asked, ...own])
}

async function timed(name: string, check: () => Promise<string | undefined>): Promise<Check> {
  const began = performance.now()
  const because = await check()
  return { name, ms: Math.round(performance.now() - began), because }
}

async function askUntilRight(test: HttpTest, settings: Pick<Settings, 'nginx'>): Promise<string | undefined> {
  const deadline = performance.now() + test.timeout * 1000
  let said: string | undefined
  for (;;) {
    const answer = await ask(test.endpoint, settings, Math.max(1, deadline - performance.now()))
    if (typeof answer !== 'string') said = disagreement(test, answer)
    // What an answer said counts more than the silence of the last moment.
    const isLate = said !== undefined && performance.now() >= deadline
    const because = typeof answer === 'string' && !isLate ? answer : said
    if (because === undefined || performance.now() + RETRY_MS >= deadline) return because
    await pause(RETRY_MS)
  }
}

/** Through the front, as a client does; a text says why there is no answer. */
function ask(path: string, { nginx }: Pick<Settings, 'nginx'>, withinMs: number): Promise<Answer | string> {
  const at = nginx.flag ? askedAt({ ...nginx, httpsPort: nginx.https_port }) : undefined
  if (at === undefined) return Promise.resolve('nginx has no listener that could be asked')
  const request = at.protocol === 'http:' ? httpRequest : process.getBuiltinModule('node:https').request
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(Math.ceil(withinMs))
    const headers = { 'User-Agent': 'mfserv-status', Connection: 'close' }
    // The certificate is for the name of the machine, not for this address.
    const options = { host: at.host, port: at.port, path, headers, agent: false, signal, rejectUnauthorized: false } as const
    const asked = request(options, async (response) => {
      try {
        resolve({ status: response.statusCode ?? 0, body: await beginningOfBody(response) })
      } catch (error) {
        resolve(`the answer broke off: ${error instanceof Error ? error.message : String(error)}`)
      }
    })
    asked.on('error', (error) => resolve(signal.aborted ? 'there was no answer in time' : error.message))
    asked.end()
  })
}

function isExecutable(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0
}

/** A check that takes too long is ended with everything it started. */
function runOwn(home: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(join(home, CUSTOM), [], { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      if (child.pid !== undefined) endGroup(child.pid)
    }, CUSTOM_WITHIN_MS)
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-MOST_OUTPUT)
      })
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve(`it does not start: ${error.message}`)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) return resolve(undefined)
      const how = isLate ? `it took more than ${CUSTOM_WITHIN_MS / 1000} s` : `it ended with ${signal ?? `code ${code}`}`
      const said = output.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')
      resolve(said === '' ? how : `${how}:\n${said}`)
    })
  })
}
