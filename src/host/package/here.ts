import type { Here, Needs, Platform } from '../../package/needs.ts'
import { findInterpreter, type Interpreter } from '../programs/python-framework.ts'
import { findPython2 } from '../programs/python2.ts'
import { findPython, wantedBy } from '../programs/pythons.ts'

/**
 * What this machine has of what a release needs; an interpreter that it does not need is not looked for. `interpreter` is
 * `[python2] interpreter=` of the module.
 */
export async function readHere(needs: Needs, interpreter = ''): Promise<Here> {
  const [python3, python2] = await Promise.all([
    needs.python3 === undefined && needs.python3Version === undefined ? undefined : findFor(needs),
    needs.python2 === undefined ? undefined : findPython2(interpreter),
  ])
  const ofPython = { python3: python3?.tag, python3Version: python3?.version, python2: python2?.tag }
  return { ...ofPython, node: process.versions.modules, platform: readPlatform() }
}

/** The interpreter that the release would be built with: that of mfserv, unless only another one will do. */
async function findFor(needs: Needs): Promise<Interpreter | undefined> {
  return (await findPython(wantedBy(needs), process.env)) ?? (await findInterpreter())
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
