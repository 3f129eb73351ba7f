import { spawn } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { MFSERV_HOME, pathsOf, runtimeHome } from '../../../src/host/home/paths.ts'
import { ensurePython } from '../../../src/host/programs/python-framework.ts'
import { untilAnswered } from '../../../src/host/workers/readiness.ts'
import type { App, Plugin } from '../../../src/plugin/plugin.ts'
import { python3Sync } from '../../../src/runtime/python3_sync.ts'
import type { Exit } from '../../../src/worker/state.ts'

/** A worker as mfserv would start it, with the test's application in a directory of its own. */
export interface Worker {
  readonly pid: number
  readonly socket: string
  readonly exit: Promise<Exit>
  readonly output: () => string
  readonly signal: (name: NodeJS.Signals) => void
  /** Tells the application to go on. */
  readonly reach: (phase: string) => void
  readonly hasReached: (phase: string) => boolean
  readonly until: (phase: string) => Promise<void>
}

export interface Start {
  readonly entry?: string
  readonly timeout?: number
  /** More modules: file name and text. */
  readonly files?: Readonly<Record<string, string>>
  readonly socket?: string
}

const PATIENCE_MS = 30_000
const LOOK_MS = 5

/** Started, whether or not it can serve; ended with the test. */
export async function start(context: TestContext, options: Start = {}): Promise<Worker> {
  const { python3, library } = await ensurePython(pathsOf(runtimeHome()))
  const directory = mkdtempSync(join(tmpdir(), 'mfp'))
  const socket = options.socket ?? join(directory, 's')
  copyFileSync(join(import.meta.dirname, 'application.py'), join(directory, 'application.py'))
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(directory, name), text)
  const place = {
    socket,
    timeout: options.timeout ?? 0,
    mfservHome: MFSERV_HOME,
    nodePath: '',
    python3Path: python3,
    pythonLibrary: library,
  }
  const app = { entry: options.entry ?? 'application:app', debug: false } as App
  const [program = '', ...words] = python3Sync.worker(app, {} as Plugin, place).argv
  const log = join(directory, 'log')
  const file = openSync(log, 'a')
  const env = { PATH: process.env['PATH'], PYTHONPATH: directory }
  const child = spawn(program, words, { cwd: directory, env, stdio: ['ignore', file, file] })
  closeSync(file)
  const exit = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  context.after(async () => {
    child.kill('SIGKILL')
    await exit
    rmSync(directory, { recursive: true, force: true })
  })
  const hasReached = (phase: string): boolean => existsSync(join(directory, phase))
  return {
    pid: child.pid ?? 0,
    socket,
    exit,
    output: () => readFileSync(log, 'utf8'),
    signal: (name) => child.kill(name),
    reach: (phase) => writeFileSync(join(directory, phase), ''),
    hasReached,
    until: (phase) => eventually(phase, () => hasReached(phase)),
  }
}

/** A worker that answers. */
export async function startReady(context: TestContext, options: Start = {}): Promise<Worker> {
  const worker = await start(context, options)
  const asked = new AbortController()
  const outcome = await Promise.race([untilAnswered(worker.socket, { path: python3Sync.readyPath }, asked.signal), worker.exit])
  asked.abort()
  if (outcome !== 'answered') throw new Error(`the worker ended before it answered:\n${worker.output()}`)
  return worker
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** False when the connection ended inside the body. */
  readonly complete: boolean
  readonly connection: Socket | null
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An array is sent in chunks, without a length. */
  readonly body?: string | Buffer | readonly string[]
  readonly agent?: Agent
  /** Called with the text received so far. */
  readonly onPart?: (sofar: string) => void
}

/** Rejects when the connection ends without an answer. */
export function ask(worker: Worker, path: string, options: Ask = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { method = 'GET', body, agent = new Agent() } = options
  const headers = { Host: 'localhost:18868', ...options.headers }
  const asked = request({ socketPath: worker.socket, path, method, headers, agent }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part
      options.onPart?.(text)
    })
    response.on('error', () => undefined) // Told by `complete`.
    response.on('close', () => {
      const { statusCode: status = 0, headers: received, complete } = response
      resolve({ status, headers: received, body: text, complete, connection: asked.socket })
    })
  })
  asked.on('error', reject)
  if (Array.isArray(body)) for (const part of body) asked.write(part)
  else if (body !== undefined) asked.setHeader('Content-Length', Buffer.byteLength(body as string)).write(body)
  asked.end()
  return promise
}

/** Waits until `isSo`; `phase` names it when it never comes. */
export async function eventually(phase: string, isSo: () => boolean): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS
  while (!isSo()) {
    if (Date.now() > giveUp) throw new Error(`never came: ${phase}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** What a worker writes comes a moment after its answer. */
export async function says(worker: Pick<Worker, 'output'>, pattern: RegExp): Promise<void> {
  await eventually(`${pattern} in what the worker writes`, () => pattern.test(worker.output())).catch((error: unknown) => {
    throw new Error(`${error}; it wrote:\n${worker.output()}`)
  })
}
