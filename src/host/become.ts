import { flushCompileCache } from 'node:module'

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
  const shell = ['env', '--default-signal=PIPE,XFSZ', 'sh', '-c', 'exec "$@"', name]
  return process.execve('/usr/bin/env', [...shell, ...argv], environment)
}
