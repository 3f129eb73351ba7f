import type { Paths } from '../home/paths.ts'
import { readModule } from '../module/module-environment.ts'
import type { Report } from '../process/run-tool.ts'
import { ensurePython } from '../programs/python-framework.ts'
import { ensurePython2 } from '../programs/python2-framework.ts'
import type { BuildTools } from '../programs/tools.ts'

/** The programs of this machine that build plugins; what is missing is installed when it is asked for. */
export function buildTools(paths: Paths, env: NodeJS.ProcessEnv, report: Report): BuildTools {
  return {
    python: () => ensurePython(paths, report),
    python2: () => ensurePython2(readModule(paths, env).config.settings.python2.interpreter, paths, report),
    node: process.execPath,
    environment: env,
  }
}
