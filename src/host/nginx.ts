import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Routes } from '../desired/desired.ts'
import { render, withoutPlugins } from '../nginx/render.ts'
import { type Problem, Problems } from '../problem.ts'
import { writeAtomically } from './atomic.ts'
import type { Front, Publication } from './front.ts'
import { endOrphans, reload, start, stop, writePidFile } from './nginx-control.ts'
import { portProblems } from './nginx-port.ts'
import { asProblem } from './nginx-problem.ts'
import { findMaster, masterOf } from './nginx-processes.ts'
import { findNginx, type NginxProgram, type Proof, proveConfiguration } from './nginx-program.ts'
import { type Proven, proveWithQuarantine } from './nginx-quarantine.ts'
import type { Paths } from './paths.ts'
import { withScratchOf } from './scratch.ts'

export { findNginx } from './nginx-program.ts'

/** The routes of a config.ini and the fragments of a plugin are in it. Only nginx's master reads it, which has our user. */
const PRIVATE = 0o600

/** nginx of one runtime home. It outlives this process; whoever comes next finds it by `paths`. */
export function nginxFront(paths: Paths): Front {
  return {
    pid: () => masterOf(paths)?.pid,
    publish: async (routes) => {
      try {
        return await publish(paths, routes)
      } catch (error) {
        return { is: 'failed', problem: asProblem(error, paths.nginxConf) }
      }
    },
    stop: (withinMs) => stop(paths, withinMs),
  }
}

/** Nothing changes before nginx has accepted the new text, and nothing at all when it is what is served already. */
async function publish(paths: Paths, routes: Routes): Promise<Publication> {
  const program = findNginx(paths)
  mkdirSync(routes.paths.tempDirectory, { recursive: true })
  mkdirSync(dirname(paths.nginxConf), { recursive: true })
  const { text, quarantined } = await proven(paths, routes, program)
  const master = masterOf(paths) ?? findMaster(paths)
  if (master !== undefined) writePidFile(paths, master)
  if (master !== undefined && isServed(paths, text)) return { is: 'running', did: 'nothing', quarantined }
  if (master === undefined) await endOrphans(paths)
  const ports = await portProblems(routes.server, master)
  if (ports.length > 0) throw new Problems(ports)
  await replaceText(paths, text, () => (master === undefined ? start(paths, routes, program) : reload(master, routes)))
  return { is: 'running', did: master === undefined ? 'started' : 'reloaded', quarantined }
}

/** The same name each time: nginx writes it into its messages. */
async function proven(paths: Paths, routes: Routes, program: NginxProgram): Promise<Proven> {
  return await provenIn(`${paths.nginxConf}.candidate`, routes, program)
}

/**
 * Which of the plugins nginx would refuse with these routes, and why. Nothing that is in use is touched. Throws Problems when
 * it refuses them all, or when there is no nginx.
 */
export async function proveRoutes(paths: Paths, routes: Routes): Promise<ReadonlyMap<string, Problem>> {
  return await withScratchOf(paths, 'nginx_proof', async (scratch) => {
    const at = (name: string): string => join(scratch, name)
    // nginx -t makes its directories and opens its logs: these are not those of the nginx that serves.
    const own = {
      pidFile: at('nginx.pid'),
      accessLog: at('access.log'),
      errorLog: at('error.log'),
      tempDirectory: at('temp'),
    }
    mkdirSync(own.tempDirectory)
    const apart = { ...routes, paths: { ...routes.paths, ...own } }
    return (await provenIn(at('nginx.conf.candidate'), apart, findNginx(paths))).quarantined
  })
}

async function provenIn(candidate: string, routes: Routes, program: NginxProgram): Promise<Proven> {
  const prove = (text: string): Promise<Proof> => {
    writeFileSync(candidate, text, { mode: PRIVATE })
    return proveConfiguration(program, candidate)
  }
  try {
    return await proveWithQuarantine({
      plugins: routes.plugins.map(({ plugin }) => plugin),
      render: (excluded) => render(withoutPlugins(routes, excluded), program.machine),
      prove,
    })
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** A mark stands beside the file from before it changes until nginx has taken the change, also if this process is killed. */
async function replaceText(paths: Paths, text: string, apply: () => Promise<void>): Promise<void> {
  const before = textOf(paths)
  writeFileSync(markOf(paths), '')
  writeAtomically(paths.nginxConf, text, 'durable', PRIVATE)
  try {
    await apply()
  } catch (error) {
    // The last configuration that worked is the one to start with next time.
    if (before !== undefined) writeAtomically(paths.nginxConf, before, 'durable', PRIVATE)
    throw error
  }
  rmSync(markOf(paths))
}

function isServed(paths: Paths, text: string): boolean {
  return !existsSync(markOf(paths)) && textOf(paths) === text
}

function textOf({ nginxConf }: Paths): string | undefined {
  return existsSync(nginxConf) ? readFileSync(nginxConf, 'utf8') : undefined
}

function markOf({ nginxConf }: Paths): string {
  return `${nginxConf}.pending`
}
