import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MFSERV_HOME } from './paths.ts'

/**
 * bin/mfserv gives Node the same. It has the real path of mfserv, and links are not looked for again in each of hundreds of
 * files: that would be a fifth of the start of a large command.
 */
export const NODE_OPTIONS = ['--preserve-symlinks', '--preserve-symlinks-main'] as const

/** What Node is called with to run a command of this mfserv, as bin/mfserv does: the bundle, or the sources where none is built. */
export function ownCommand(...words: readonly string[]): readonly string[] {
  const bundle = join(MFSERV_HOME, 'dist/start.cjs')
  return [...NODE_OPTIONS, existsSync(bundle) ? bundle : join(MFSERV_HOME, 'src/cli/main.ts'), ...words]
}
