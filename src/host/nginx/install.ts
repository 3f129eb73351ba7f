import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { linkAtomically } from '../disk/atomic.ts'
import type { Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { installDebian } from '../programs/debian.ts'
import { findNginx, type NginxProgram } from './program.ts'

const PACKAGES = ['nginx-light']

/** Finds nginx, or installs Debian's; without root it is unpacked into the runtime home. Throws the problems of either. */
export async function ensureNginx(paths: Paths, report: Report): Promise<NginxProgram> {
  const found = nginxOrProblem(paths)
  if (!(found instanceof Problem)) return found
  report(found.message)
  const root = await installDebian(PACKAGES, paths, report)
  if (root !== '/') linkAtomically(root, join(paths.opt, 'nginx'))
  return findNginx(paths)
}

function nginxOrProblem(paths: Paths): NginxProgram | Problem {
  try {
    return findNginx(paths)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
