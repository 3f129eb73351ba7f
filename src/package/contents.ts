import ignore from 'ignore'
import { Problem } from '../problem.ts'
import { GENERATED } from './generated.ts'
import { endlessPatterns, MOST_STARS, withoutEndless } from './wildcards.ts'

/** What stays out of a release when the plugin has no `.releaseignore`. */
const DEFAULT_IGNORE = [
  '/local',
  '/src',
  '/doc',
  '/docs',
  '__pycache__',
  '*.pyc',
  '/.git/',
  '.svn',
  '.git*',
  '*.plugin',
  'Makefile',
  '.configuration_cache',
]

/** Out whatever `.releaseignore` says: what is built here and now, and what only a release has. */
const NEVER = [
  '/local',
  '/.git',
  '*.plugin',
  '*.plugin.*.tmp',
  '/node_modules/.cache',
  ...GENERATED.map((name) => `/${name}`),
  // What node-gyp needs while it compiles. It names directories of this machine, and nobody loads it.
  '/node_modules/**/build/Makefile',
  '/node_modules/**/build/*.Makefile',
  '/node_modules/**/build/*.mk',
  '/node_modules/**/build/config.gypi',
  '/node_modules/**/build/gyp-*',
  '/node_modules/**/build/*/obj',
  '/node_modules/**/build/*/obj.target',
  '/node_modules/**/build/*/.deps',
]

/** In whatever `.releaseignore` says: without these nothing can be installed. */
const ALWAYS = [
  '/.layerapi2_label',
  '/config.ini',
  '/python[23]_virtualenv_sources/requirements[23].txt',
  '/python[23]_virtualenv_sources/src/*.whl',
  '/package.json',
  '/package-lock.json',
  '/node_modules/.mfserv-build.json',
]

/** Directories on the way to these. */
const ON_THE_WAY = /^(python[23]_virtualenv_sources(\/src)?|node_modules)$/

export type TreeKind = 'directory' | 'other'

/** Which files of a plugin go into its release. Paths are relative to the plugin. */
export interface Contents {
  /** Whether the file or link is in; for a directory: whether anything in it may be. */
  readonly takes: (path: string, kind: TreeKind) => boolean
}

/** The patterns of a `.releaseignore` that are not used, because to compare them with a name may take for ever. */
export function ignoreProblems(releaseignore: string | undefined, file: string): readonly Problem[] {
  return [...endlessPatterns(releaseignore ?? '')].map(([line, pattern]) => {
    const message = `the pattern ${JSON.stringify(pattern.slice(0, 60))} has more than ${MOST_STARS} *`
    return new Problem('TOO_LARGE', message, 'Write several patterns with fewer of them.', { file, line })
  })
}

/** `releaseignore`: the text of the file, in the syntax of .gitignore; undefined when there is none. */
export function contentsOf(releaseignore: string | undefined): Contents {
  const chosen = ignore().add(releaseignore === undefined ? DEFAULT_IGNORE : withoutEndless(releaseignore))
  const never = ignore().add(NEVER)
  const always = ignore().add(ALWAYS)
  return {
    takes: (path, kind) => {
      const name = kind === 'directory' ? `${path}/` : path
      if (never.ignores(name)) return false
      if (kind === 'directory' && ON_THE_WAY.test(path)) return true
      return !chosen.ignores(name) || (kind === 'other' && always.ignores(name))
    },
  }
}
