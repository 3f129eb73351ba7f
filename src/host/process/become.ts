import { flushCompileCache } from 'node:module'
import { constants } from 'node:os'
import { processValueFault } from '../../config/process-value.ts'
import { Problem } from '../../problem.ts'

export interface Program {
  /** What its error messages begin with. */
  readonly name: string
  /** A first word without a slash is looked up in the PATH of `environment`. */
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * This process becomes the program: same pid, same terminal, so that signals and the exit code need nobody to pass them on.
 * A command that is not found ends with 127, one that may not be run with 126, as in a shell.
 *
 * Node ignores SIGPIPE and SIGXFSZ, and a program would inherit that; `env` gives the usual behaviour back. The shell looks
 * the command up and says what is wrong with it; no value is part of its text.
 */
export function become({ name, argv, environment, cwd }: Program): never {
  if (process.execve === undefined) throw new Error('this Node cannot replace itself by another program')
  flushCompileCache()
  process.chdir(cwd)
  refuseUnfit(argv, environment)
  const shell = ['env', '--default-signal=PIPE,XFSZ', 'sh', '-c', 'exec "$@"', name]
  try {
    return process.execve('/usr/bin/env', [...shell, ...argv], environment)
  } catch (cause) {
    // This call gives its errors a number and no code.
    if (!(cause instanceof Error && 'errno' in cause && cause.errno === constants.errno.E2BIG)) throw cause
    const bytes = Object.entries(environment).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
    const message = `the environment of the plugin is too long for a process: it has more than ${bytes} characters in all`
    throw new Problem('ENVIRONMENT', message, TOO_LONG_FIX, undefined, cause)
  }
}

const TOO_LONG_FIX = 'Write long values of config.ini and .layerapi2_extra_env into files of the plugin.'

/** A value may be filled in from one of the caller, so what was read is not all that there is to know. */
function refuseUnfit(argv: readonly string[], environment: Program['environment']): void {
  const words = argv.map((word): readonly [string, string] => ['a word of the command', word])
  const fault = [...Object.entries(environment), ...words].map(([key, value]) => processValueFault(key, value)).find(Boolean)
  if (fault !== undefined) throw new Problem('ENVIRONMENT', fault.message, fault.fix)
}
