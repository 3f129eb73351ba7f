import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentOf, processes } from '../../src/host/process/proc.ts'
import { WORKER_VARIABLE } from '../../src/host/workers/spawn.ts'
import type { World } from '../system/world.ts'

/** What a daemon holds: in a long run none of it may grow. */
export interface Resources {
  readonly pid: number
  readonly rssMb: number
  readonly openFiles: number
  /** Milliseconds of `performance.now()`. */
  readonly at: number
}

/** Throws when no daemon runs. */
export async function daemonResources(world: World): Promise<Resources> {
  const { pid } = (await world.status()).daemon
  if (pid === null) throw new Error('the daemon does not tell its pid')
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return { pid, rssMb: (kilobytes * 1024) / 1e6, openFiles: readdirSync(`/proc/${pid}/fd`).length, at: performance.now() }
}

/** Processes of these plugins that are alive, wanted or not. */
export function workersAlive(world: World, plugins: readonly string[]): number {
  return processes().filter((pid) => {
    const { [WORKER_VARIABLE]: mark, MFMODULE_RUNTIME_HOME: home } = environmentOf(pid)
    return mark !== undefined && home === world.home && plugins.some((name) => mark.includes(name))
  }).length
}

export async function workersWanted(world: World, plugins: readonly string[]): Promise<number> {
  const wanted = (await world.status()).plugins.filter(({ name }) => plugins.includes(name))
  return wanted.flatMap(({ apps }) => apps.flatMap(({ slots }) => slots)).length
}

/** What the log files of a plugin take on disk, in MB of 1,000,000 bytes. */
export function logsOf(world: World, plugin: string): number {
  const directory = join(world.home, 'log')
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(`app_${plugin}_`))
  return files.reduce((sum, name) => sum + lstatSync(join(directory, name)).size, 0) / 1e6
}
