import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Asked, askedAt, listenersOf } from '../../config/listen/listener.ts'
import type { Routes } from '../../desired/desired.ts'
import { listenProblem } from '../../nginx/listen/refused.ts'
import { Problem } from '../../problem.ts'
import type { ProcessId } from '../../worker/state.ts'
import { look as lookAt, type Stillness } from '../../worker/stillness.ts'
import { writeAtomically } from '../disk/atomic.ts'
import type { Paths } from '../home/paths.ts'
import { steadyNow } from '../process/clock.ts'
import { request } from '../process/http.ts'
import { effortOf, isAlive, signal } from '../process/proc.ts'
import { activeWorkers, findMaster, hasLeft, masterOf, orphanWorkers } from './processes.ts'
import { type NginxProgram, placeArguments, runNginx } from './program.ts'

const LOOK_MS = 10
/** Whether anything moves is asked of every process of the machine: with thousands of them, much more seldom. */
const LOOK_FOR_MOVEMENT_MS = 250
/** An nginx that does nothing for so long gets no further. It may be looking up host names of a plugin's fragment. */
const STILL_MS = 60_000
const ORPHANS_END_WITHIN_MS = 2000
const ENDS_WITHIN_MS = 2000
/** A disk, or a quota, that is full, as nginx tells it: it writes a file with its pid. */
const NO_ROOM = /\((?:28|122): /

/** Starts nginx, detached from this process, and waits until it answers. Throws the Problem NGINX_DOWN, or DISK. */
export async function start(paths: Paths, routes: Routes, program: NginxProgram): Promise<void> {
  const logged = sizeOf(routes.paths.errorLog)
  const { code, output } = await runNginx(program, placeArguments(paths.nginxConf, routes.paths.errorLog))
  const said = (): string => output || emergencies(routes.paths.errorLog, logged)
  if (code !== 0) throw down(`nginx did not start: ${said() || `it ended with ${code ?? 'a signal'}`}`, routes)
  const isUp = async (): Promise<boolean> => {
    const master = masterOf(paths)
    // Who answers is one of its workers; to look for them takes a look at every process of the machine.
    return master !== undefined && (await answers(askedAt(routes.server))) && activeWorkers(master).length > 0
  }
  const came = await untilStill(
    async () => ((await isUp()) ? true : undefined),
    () => effortOfNginx(masterOf(paths)),
  )
  if (came === undefined) throw down(`nginx was started and does not answer: ${said()}`, routes)
}

/**
 * Has a running nginx read its configuration again, and waits until every new connection is served by it: the old workers
 * take none any more. Throws the Problem NGINX_DOWN or NGINX_REFUSED; the old configuration is served then.
 */
export async function reload(master: ProcessId, routes: Routes): Promise<void> {
  const log = routes.paths.errorLog
  const logged = sizeOf(log)
  const old = activeWorkers(master)
  const isNew = (worker: ProcessId): boolean =>
    !old.some(({ pid, startTime }) => pid === worker.pid && startTime === worker.startTime)
  const hasTaken = (): boolean => old.every(hasLeft) && activeWorkers(master).some(isNew)
  signal(master, 'SIGHUP')
  const outcome = await untilStill(
    () => {
      if (hasTaken()) return 'taken'
      if (!isAlive(master)) return 'ended'
      return emergencies(log, logged) === '' ? undefined : 'refused'
    },
    () => effortOfNginx(master),
  )
  if (outcome === 'taken') return
  if (outcome === 'ended') throw down('nginx ended while it was reloaded', routes)
  const reason = emergencies(log, logged) || `it has done nothing for ${STILL_MS / 1000} s`
  const fix = `See ${log}.`
  throw new Problem('NGINX_REFUSED', `nginx did not take the new configuration: ${reason}`, fix, { file: log })
}

/** Lets requests under way finish for at most `withinMs`; new connections are refused at once. */
export async function stop(paths: Paths, withinMs: number): Promise<void> {
  const master = masterOf(paths) ?? findMaster(paths)
  if (master === undefined) return await endOrphans(paths, withinMs)
  signal(master, 'SIGQUIT')
  if (await until(() => !isAlive(master), withinMs)) return
  signal(master, 'SIGTERM')
  if (await until(() => !isAlive(master), ENDS_WITHIN_MS)) return
  signal(master, 'SIGKILL')
  await until(() => !isAlive(master), ENDS_WITHIN_MS)
  await endOrphans(paths, 0)
}

/**
 * Ends the workers of a master that was killed: they hold the port. They finish what is under way for at most `withinMs`;
 * this waits only until none takes a connection any more.
 */
export async function endOrphans(paths: Paths, withinMs = ORPHANS_END_WITHIN_MS): Promise<void> {
  const orphans = orphanWorkers(paths)
  for (const orphan of orphans) signal(orphan, 'SIGQUIT')
  if (await until(() => orphans.every(hasLeft), withinMs)) return
  for (const orphan of orphans) signal(orphan, 'SIGKILL')
  await until(() => !orphans.some(isAlive), ENDS_WITHIN_MS)
}

/** Makes a master known again whose pid file was lost. */
export function writePidFile(paths: Paths, master: ProcessId): void {
  if (masterOf(paths) === undefined) writeAtomically(paths.nginxPid, `${master.pid}\n`)
}

async function until(isDone: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  return (await untilSettled(async () => ((await isDone()) ? true : undefined), withinMs)) ?? false
}

/** Looks until there is an answer; undefined when there is none and nothing has moved for long. */
export async function untilStill<T>(
  look: () => T | undefined | Promise<T | undefined>,
  movement: () => string,
): Promise<T | undefined> {
  let seen: Stillness | undefined
  let lookedAt = steadyNow()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    const now = steadyNow()
    if (now - lookedAt >= LOOK_FOR_MOVEMENT_MS) {
      seen = lookAt(seen, movement(), now)
      lookedAt = now
    }
    if (seen !== undefined && seen.stillMs >= STILL_MS) return undefined
    await pause(LOOK_MS)
  }
}

/** Of the master and of the workers that take connections. */
export function effortOfNginx(master: ProcessId | undefined): string {
  if (master === undefined) return ''
  return [master, ...activeWorkers(master)].map(({ pid }) => `${pid}: ${effortOf(pid)}`).join('\n')
}

/** Looks until there is an answer; undefined when there was none in time. */
async function untilSettled<T>(look: () => T | undefined | Promise<T | undefined>, withinMs: number): Promise<T | undefined> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() >= end) return found
    await pause(LOOK_MS)
  }
}

/** Any answer over HTTP. Without a plain listener a living worker has to be proof enough. */
function answers(asked: Asked | undefined): Promise<boolean> {
  if (asked?.protocol !== 'http:') return Promise.resolve(true)
  const { host, port } = asked
  return new Promise((resolve) => {
    const sent = request({ host, port, path: '/__mfserv/', method: 'HEAD', agent: false, timeout: 1000 }, (response) => {
      response.resume()
      resolve(true)
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve(false))
    sent.end()
  })
}

function down(message: string, routes: Routes): Problem {
  const file = routes.paths.errorLog
  // Who makes room tries again.
  if (NO_ROOM.test(message)) return new Problem('DISK', message, 'Make room on that disk.', { file })
  return listenProblem(message, listenersOf(routes.server)) ?? new Problem('NGINX_DOWN', message, `See ${file}.`, { file })
}

/** What nginx has written into its log as fatal since it was `from` bytes long. */
export function emergencies(log: string, from: number): string {
  const lines = textFrom(log, from).split('\n')
  return lines
    .filter((line) => line.includes('[emerg]'))
    .map((line) => line.replace(/^.*?\[emerg\] [\d#]+: /, ''))
    .join('\n')
}

/** Only the end: the log of a busy server is long. */
function textFrom(file: string, from: number): string {
  const length = sizeOf(file) - from
  if (length <= 0) return ''
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from)).toString()
  } finally {
    closeSync(descriptor)
  }
}

export function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}
