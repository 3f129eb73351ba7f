import type { WantedPython } from '../../plugin/python/python-version.ts'
import type { Paths } from '../home/paths.ts'
import { readModule } from '../module/module-environment.ts'
import type { Report } from '../process/run-tool.ts'
import { ensureFor, ensurePython } from '../programs/python-framework.ts'
import { ensurePython2 } from '../programs/python2-framework.ts'
import { findPython, noPython } from '../programs/pythons.ts'
import type { BuildTools, PythonTools } from '../programs/tools.ts'

/** The programs of this machine that build plugins; what is missing is installed when it is asked for. */
export function buildTools(paths: Paths, env: NodeJS.ProcessEnv, report: Report): BuildTools {
  return {
    python: (wanted) => pythonFor(wanted, paths, env, report),
    python2: () => ensurePython2(readModule(paths, env).config.settings.python2.interpreter, paths, report),
    node: process.execPath,
    environment: env,
  }
}

async function pythonFor(
  wanted: WantedPython | undefined,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<PythonTools> {
  const own = await ensurePython(paths, report)
  if (wanted === undefined || Object.keys(wanted).length === 0) return own
  const found = await findPython(wanted, env)
  if (found === undefined) throw await noPython(wanted, env)
  return found.python3 === own.python3 ? own : { ...(await ensureFor(found, paths, report)), isOther: true }
}
