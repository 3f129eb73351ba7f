import type { Report } from './build/run-tool.ts'
import type { BuildTools } from './build/tools.ts'
import { readModule } from './module-environment.ts'
import type { Paths } from './paths.ts'
import { ensurePython } from './python-framework.ts'
import { ensurePython2 } from './python2-framework.ts'

/** The programs of this machine that build plugins; what is missing is installed when it is asked for. */
export function buildTools(paths: Paths, env: NodeJS.ProcessEnv, report: Report): BuildTools {
  return {
    python: () => ensurePython(paths, report),
    python2: () => ensurePython2(readModule(paths, env).config.settings.python2.interpreter, paths, report),
    node: process.execPath,
    environment: env,
  }
}
