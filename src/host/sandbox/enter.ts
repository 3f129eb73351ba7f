import { join } from 'node:path'
import type { Sandbox } from '../../desired/sandbox/facts.ts'
import { MFSERV_HOME } from '../home/paths.ts'
import { viewOf } from './view.ts'

type SandboxInForce = Extract<Sandbox, { is: 'in force' }>
type Environment = Readonly<Record<string, string>>

const PERL = '/usr/bin/perl'
export const ENTER = [PERL, '-f', join(MFSERV_HOME, 'share/sandbox/enter.pl')] as const
/** In front of the name of each variable of the program. */
const INSIDE = 'MFSERV_INSIDE_'

export interface Entered {
  /** Stands in front of a command, and becomes it. */
  readonly words: readonly string[]
  readonly env: Environment
}

/**
 * How a command is run in its sandbox. `known`: variables that have to be seen from outside from the first moment on. None but
 * these have their own names before it is inside: the loader and the interpreter of what takes it there obey some.
 */
export function enter(
  sandbox: Sandbox | undefined,
  cwd: string,
  env: Environment,
  known: readonly string[],
  network: 'as the level' | 'none' = 'as the level',
): Entered {
  if (sandbox?.is !== 'in force') return { words: [], env }
  const hidden = Object.entries(env).map(([name, value]) => [`${INSIDE}${name}`, value] as const)
  const shown = known.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { words: wordsOf(sandbox, cwd, network), env: Object.fromEntries([...hidden, ...shown]) }
}

function wordsOf(sandbox: SandboxInForce, cwd: string, network: 'as the level' | 'none'): readonly string[] {
  return [
    ...ENTER,
    ...viewOf(sandbox).flat(),
    'apart',
    ...['filter', sandbox.level === 'strict' ? 'strict' : network === 'none' ? 'offline' : 'usual'],
    ...['cwd', cwd],
    '--',
  ]
}
