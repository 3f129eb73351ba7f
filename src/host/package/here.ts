import type { Here, Needs, Platform } from '../../package/needs.ts'
import { findInterpreter } from '../programs/python-framework.ts'
import { findPython2 } from '../programs/python2.ts'

/**
 * What this machine has of what a release needs; an interpreter that it does not need is not looked for. `interpreter` is
 * `[python2] interpreter=` of the module.
 */
export async function readHere(needs: Needs, interpreter = ''): Promise<Here> {
  const [python3, python2] = await Promise.all([
    needs.python3 === undefined ? undefined : findInterpreter(),
    needs.python2 === undefined ? undefined : findPython2(interpreter),
  ])
  return { python3: python3?.tag, python2: python2?.tag, node: process.versions.modules, platform: readPlatform() }
}

export function readPlatform(): Platform {
  const glibc = glibcVersion()
  return { os: process.platform, arch: process.arch, ...(glibc === undefined ? {} : { glibc }) }
}

/** Undefined on a system with another libc. */
function glibcVersion(): string | undefined {
  // Its network part looks up the names of everybody this process talks with.
  Object.assign(process.report, { excludeNetwork: true })
  const report: unknown = process.report.getReport()
  if (typeof report !== 'object' || report === null || !('header' in report)) return undefined
  const { header } = report
  const version: unknown =
    typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header ? header.glibcVersionRuntime : undefined
  return typeof version === 'string' ? version : undefined
}
