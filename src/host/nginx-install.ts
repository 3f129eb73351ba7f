import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { linkAtomically } from './atomic.ts'
import type { Report } from './build/run-tool.ts'
import { installDebian } from './debian.ts'
import { findNginx, type NginxProgram } from './nginx-program.ts'
import type { Paths } from './paths.ts'

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
