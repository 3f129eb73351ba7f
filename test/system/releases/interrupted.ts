import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { environmentOf, processes, sessionOf } from '../../../src/host/process/proc.ts'
import { CLONE, type World } from '../world.ts'

export interface Told {
  readonly code: number | null
  /** The steps that it said, in order. */
  readonly steps: readonly string[]
  readonly said: string
}

/** Runs a command; `at` is called the moment it says a step, with the number of the step, from 0, and its process. */
export async function follow(
  world: World,
  [command, ...args]: readonly [string, ...string[]],
  at: (step: number, pid: number) => void = () => undefined,
): Promise<Told> {
  const env = { ...process.env, MFMODULE_RUNTIME_HOME: world.home, MFSERV_SITE_DIRECTORY: join(world.home, 'site') }
  const child = spawn(join(CLONE, 'bin', command), args, { cwd: world.home, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  const steps: string[] = []
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    const [, step] = /^- (.*)\.\.\.$/.exec(line) ?? []
    if (step === undefined || child.pid === undefined) return
    steps.push(step)
    at(steps.length - 1, child.pid)
  })
  const [code] = await ended
  // What it started and left behind may hold the pipe open.
  child.stderr.destroy()
  return { code, steps, said: lines.join('\n') }
}

/** Processes of the world that are neither the daemon, nor nginx, nor a worker that the status names, nor a part of one. */
export async function strays(world: World): Promise<readonly string[]> {
  const { daemon, plugins, nginx } = await world.status()
  const slots = plugins.flatMap(({ apps, daemons }) => [...apps, ...daemons].flatMap((one) => one.slots))
  const known = new Set([daemon.pid, nginx.pid, ...slots.map(({ pid }) => pid)])
  return processes().flatMap((pid) => {
    const environment = environmentOf(pid)
    if (environment['MFMODULE_RUNTIME_HOME'] !== world.home || environment['MFSERV_WORKER'] === undefined) {
      const isOfPlugin = environment['MFSERV_CURRENT_PLUGIN_DIR']?.startsWith(world.home) === true
      return isOfPlugin ? [`${pid} in ${environment['MFSERV_CURRENT_PLUGIN_DIR']}`] : []
    }
    return known.has(sessionOf(pid) ?? 0) ? [] : [`${pid} is ${environment['MFSERV_WORKER']}`]
  })
}
