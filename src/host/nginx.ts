import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Routes } from '../desired/desired.ts'
import { render, withoutPlugins } from '../nginx/render.ts'
import { Problem, Problems } from '../problem.ts'
import { writeAtomically } from './atomic.ts'
import type { Front, Publication } from './front.ts'
import { reload, start, stop } from './nginx-control.ts'
import { portProblems } from './nginx-port.ts'
import { endOrphans, findMaster, masterOf } from './nginx-processes.ts'
import { findNginx, type NginxProgram, type Proof, proveConfiguration } from './nginx-program.ts'
import { type Proven, proveWithQuarantine } from './nginx-quarantine.ts'
import type { Paths } from './paths.ts'

export { findNginx } from './nginx-program.ts'

/** nginx of one runtime home. It outlives this process; whoever comes next finds it by `paths`. */
export function nginxFront(paths: Paths): Front {
  return {
    pid: () => masterOf(paths)?.pid,
    publish: async (routes) => {
      try {
        return await publish(paths, routes)
      } catch (error) {
        return { is: 'failed', problem: asProblem(error, paths) }
      }
    },
    stop: (withinMs) => stop(paths, withinMs),
  }
}

/** Nothing changes before nginx has accepted the new text, and nothing at all when it says what is served already. */
async function publish(paths: Paths, routes: Routes): Promise<Publication> {
  const program = findNginx(paths)
  mkdirSync(routes.paths.tempDirectory, { recursive: true })
  const { text, quarantined } = await prove(paths, routes, program)
  const master = masterOf(paths) ?? findMaster(paths)
  if (master !== undefined && isServed(paths, text)) return { is: 'running', did: 'nothing', quarantined }
  if (master === undefined) await endOrphans(paths)
  const ports = await portProblems(routes.server, master)
  if (ports.length > 0) throw new Problems(ports)
  await replaceText(paths, text, () => (master === undefined ? start(paths, routes, program) : reload(master, routes)))
  return { is: 'running', did: master === undefined ? 'started' : 'reloaded', quarantined }
}
