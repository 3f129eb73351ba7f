import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { askControl } from '../../src/control/client.ts'
import type { PluginReport, StatusReport } from '../../src/control/protocol.ts'
import { linkAtomically } from '../../src/host/disk/atomic.ts'
import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { commandLineOf, isAlive, parentOf, processes, processId } from '../../src/host/process/proc.ts'
import { readTemplateSources, writePlugin } from '../../src/operations/make/new-plugin.ts'
import { Problem } from '../../src/problem.ts'
import { ask as askQuestions, withFallbacks } from '../../src/template/questions.ts'
import { render } from '../../src/template/render.ts'
import { findTemplate } from '../../src/template/templates.ts'
import { CLONE, type Ran, type RunOptions, runCommand } from '../commands/run.ts'
import { endLoads } from '../load/client.ts'

export { CLONE, execute, IS_SOAK, type Ran, type RunOptions } from '../commands/run.ts'

/** One runtime home of its own, on a port of its own, that leaves nothing behind. */
export interface World {
  readonly home: string
  readonly port: number
  readonly url: string
  /** Runs a command of `bin/`, as a person would; `in` is the working directory. */
  readonly run: (command: string, args?: readonly string[], options?: RunOptions) => Promise<Ran>
  /** The same, and it must succeed. */
  readonly must: (command: string, args?: readonly string[], options?: RunOptions) => Promise<Ran>
  /**
   * Starts the daemon, and waits as `mfserv.start` does until every plugin is decided. That command does more, and is run by the
   * tests that are about it: here it would be half of what a short test costs.
   */
  readonly start: () => Promise<void>
  readonly status: () => Promise<StatusReport>
  /** Waits until the status satisfies `isSo`; `phase` names it when it never comes. */
  readonly until: (phase: string, isSo: (report: StatusReport) => boolean) => Promise<StatusReport>
  readonly plugin: (name: string) => Promise<PluginReport>
  readonly end: () => Promise<void>
}

const PATIENCE_MS = 60_000
/** Each look costs the daemon a whole report, so that a long wait looks less often than a short one. */
const FIRST_LOOK_MS = 50
const LATER_LOOK_MS = 300
/** A wait gets longer by no more than this part of itself. */
const LOOK_SHARE = 0.15

/** `home`: the runtime home, if it must be a certain one. */
export async function newWorld(config = '', home = mkdtempSync(join(tmpdir(), 'mf'))): Promise<World> {
  const port = await freePort()
  mkdirSync(join(home, 'config'), { recursive: true, mode: 0o700 })
  const file = join(home, 'config/config.ini')
  writeFile(file, `[nginx]\nport = ${port}\nworkers = 2\n${config}`)
  // As a person has it at a start: of a file that is younger mfserv looks whether a process of the machine is still writing it.
  const aMinuteAgo = Date.now() / 1000 - 60
  utimesSync(file, aMinuteAgo, aMinuteAgo)
  // What mfserv installs for itself is the same for all; it was installed once, by `mfserv setup`.
  const shared = pathsOf(runtimeHome()).opt
  if (existsSync(shared)) symlinkSync(shared, join(home, 'opt'))
  return worldIn(home, port)
}

/** A runtime home that is there already, with nginx on that port. */
export function worldIn(home: string, port: number): World {
  const url = `http://127.0.0.1:${port}`
  const env = { MFMODULE_RUNTIME_HOME: home, MFSERV_SITE_DIRECTORY: join(home, 'site') }
  const run = (command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> =>
    runCommand(command, args, options, env)
  const must = async (command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> => {
    const ran = await run(command, args, options)
    if (ran.code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`)
    return ran
  }
  const { control } = pathsOf(home)
  const status = async (): Promise<StatusReport> => {
    const report = await askControl(control, 'GET /status')
    if (report === undefined) throw new Error('no daemon answers')
    return report
  }
  const until = (phase: string, isSo: (report: StatusReport) => boolean): Promise<StatusReport> =>
    eventually(phase, async () => {
      const report = await askControl(control, 'GET /status')
      return report !== undefined && isSo(report) ? report : undefined
    })
  return {
    home,
    port,
    url,
    run,
    must,
    start: async () => {
      const daemon = startDaemon(home)
      await until('the daemon has decided about every plugin', (report) => {
        if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`)
        return report.status !== 'STARTING'
      })
    },
    status,
    until,
    plugin: async (name) => {
      const found = (await status()).plugins.find((plugin) => plugin.name === name)
      if (found === undefined) throw new Error(`no plugin ${name} in the status`)
      return found
    },
    end: async () => {
      endLoads(url)
      if (!(await stopDaemon(control))) await run('mfserv.stop')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function startDaemon(home: string): ChildProcess {
  mkdirSync(join(home, 'log'), { recursive: true, mode: 0o700 })
  const log = openSync(join(home, 'log/mfserv.log'), 'a', 0o600)
  const env: NodeJS.ProcessEnv = { ...process.env, MFMODULE_RUNTIME_HOME: home, MFSERV_SITE_DIRECTORY: join(home, 'site') }
  delete env['NODE_TEST_CONTEXT']
  const daemon = spawn(join(CLONE, 'bin/mfserv'), ['daemon'], { cwd: home, env, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  daemon.unref()
  return daemon
}

/** Whether it was there, and has ended in order. */
async function stopDaemon(control: string): Promise<boolean> {
  const report = await askControl(control, 'GET /status')
  const daemon = report?.daemon.pid == null ? undefined : processId(report.daemon.pid)
  if (daemon === undefined || report?.daemon.service !== undefined) return false
  await askControl(control, 'POST /stop')
  await eventually('the daemon has ended', () => (isAlive(daemon) ? undefined : true))
  return true
}

/** Creates a plugin from a template beside the runtime home's own directories, builds it and serves it. */
export async function createPlugin(world: World, name: string, template: string): Promise<string> {
  const home = await bootstrap(world, name, template)
  if (hasDependencies(home)) await world.must('mfserv', ['make'], { in: home })
  await develop(world, home)
  return home
}

/** Without any there is nothing to build. */
function hasDependencies(home: string): boolean {
  if (existsSync(join(home, 'package.json'))) return true
  const requirements = join(home, 'python3_virtualenv_sources/requirements-to-freeze.txt')
  return existsSync(requirements) && /^[^#\s]/m.test(readFileSync(requirements, 'utf8'))
}

/** Links a plugin and waits until the daemon has decided about it, as `_plugins.develop` does without its postinstall. */
export async function develop(world: World, home: string): Promise<void> {
  const name = labelOf(home)
  const paths = pathsOf(world.home)
  mkdirSync(paths.plugins, { recursive: true, mode: 0o700 })
  linkAtomically(realpathSync(home), join(paths.plugins, name))
  if ((await askControl(paths.control, 'POST /look')) === undefined) return
  const isIt = (one: PluginReport): boolean => one.name === name
  const { plugins } = await world.until(
    `${name} is decided`,
    (report) => (report.plugins.find(isIt)?.state ?? 'starting') !== 'starting',
  )
  const { state, problems } = plugins.find(isIt) ?? {}
  if (state !== 'serving') throw new Error(`${name} is ${state}: ${JSON.stringify(problems)}`)
}

function labelOf(home: string): string {
  const label = readFileSync(join(home, '.layerapi2_label'), 'utf8')
  return /^plugin_(.+)@/.exec(label)?.[1] ?? label
}

/** Only creates it. It has two workers, and not as many as the machine has cores: a test that is about more sets their number. */
export async function bootstrap(world: World, name: string, template: string): Promise<string> {
  const home = join(world.home, name)
  const found = findTemplate(template)
  if (found instanceof Problem) throw found
  writePlugin(home, render(found, name, withFallbacks(askQuestions(found.questions)), readTemplateSources()))
  const config = join(home, 'config.ini')
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^workers *=.*$/m, 'workers=2'))
  return home
}

/** Gives a key of the plugin's config.ini another value. */
export function setKey(home: string, key: string, value: string): void {
  const file = join(home, 'config.ini')
  const text = readFileSync(file, 'utf8')
  const pattern = new RegExp(`^${key} *=.*$`, 'm')
  if (!pattern.test(text)) throw new Error(`${file} has no key ${key}`)
  writeFileSync(file, text.replace(pattern, `${key}=${value}`))
}

/** Replaces a text in a file, which must have it. */
export function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
  writeFileSync(file, text.replaceAll(from, to))
}

/**
 * Waits until nginx has the routes that are wanted now, and no worker of it is on its way out. After a reload the old ones close
 * the kept connections they have, which is no fault of the requests that a test is about.
 */
export async function untilNginxIsCalm(world: World): Promise<void> {
  // It answers after a whole round of the daemon; workers may be ready before the routes of their round are published.
  await askControl(pathsOf(world.home).control, 'POST /look')
  const { pid } = (await world.status()).nginx
  await eventually('nginx has the workers of its present routes alone', () => {
    const leaving = processes().filter((one) => parentOf(one) === pid && commandLineOf(one).join(' ').includes('shutting down'))
    return leaving.length === 0 ? true : undefined
  })
}

export interface Got {
  readonly status: number
  readonly body: string
}

/** `fetch` on a connection of its own: a reload of nginx closes kept ones that are idle, and a test is not about that. */
export function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('Connection', 'close')
  return fetch(url, { ...init, headers })
}

export async function get(url: string): Promise<Got> {
  const answer = await ask(url, { redirect: 'manual' })
  return { status: answer.status, body: await answer.text() }
}

/** Asks again until there is an answer; the wait is for a phase, its bound only keeps a broken test from hanging. */
export async function eventually<T>(
  phase: string,
  ask: () => Promise<T | undefined> | T | undefined,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const began = performance.now()
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    const waited = performance.now() - began
    if (waited > patienceMs) throw new Error(`it never came to this: ${phase}`)
    const pause = Math.min(LATER_LOOK_MS, Math.max(FIRST_LOOK_MS, waited * LOOK_SHARE))
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

export function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
