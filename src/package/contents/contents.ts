import ignore from 'ignore'
import { Problem } from '../../problem.ts'
import { GENERATED } from '../generated.ts'
import { endlessPatterns, MOST_STARS, withoutEndless } from '../wildcards.ts'
import { type GitFiles, gitRules, NO_GIT } from './git-rules.ts'
import { type Overruled, readPatterns } from './patterns.ts'
import { type Private, privateKind } from './private-files.ts'

/** What stays out of a release when the plugin has no `.releaseignore`. */
const DEFAULT_IGNORE = [
  '/local',
  '__pycache__',
  '*.pyc',
  '/.git/',
  '.svn',
  '.git*',
  '*.plugin',
  'Makefile',
  '.configuration_cache',
].join('\n')

/** Out whatever `.releaseignore` says: what is built here and now, and what only a release has. */
const NEVER = [
  '/local',
  '/.git',
  '*.plugin',
  '*.plugin.*.tmp',
  '**/node_modules/.cache',
  '**/node_modules/**/__pycache__',
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
  '/npm-shrinkwrap.json',
  '/node_modules/.mfserv-build.json',
]

/** Directories on the way to these. */
const ON_THE_WAY = /^(python[23]_virtualenv_sources(\/src)?|node_modules)$/

/** Files that say where packages come from; an installation needs none of them. */
const NAMES_INDEXES =
  /(?:^|\/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[^/]+\.txt|pyproject\.toml|uv\.(?:lock|toml)|pip\.conf)$/

export type TreeKind = 'directory' | 'other'

/** Why something is not in a release. `never`: what every release is without. */
export type LeftOut = 'never' | 'passwords' | '.releaseignore' | 'git-ignored' | 'development' | Private

/** Which files of a plugin go into its release. Paths are relative to the plugin. */
export interface Contents {
  /** Of a directory: whether anything in it may be in. */
  readonly judge: (path: string, kind: TreeKind) => 'in' | LeftOut
  /** Patterns of .releaseignore that are not used as written. */
  readonly overruled: readonly Overruled[]
}

/** What decides beside `.releaseignore`. */
export interface Surroundings {
  /** What config.ini names, and all that has to be in for it. Directories end in `/`. */
  readonly named: readonly string[]
  /** Directories, with `/` at the end, out of which nginx serves everything: no .gitignore is asked about them. */
  readonly served: readonly string[]
  /** Files that a build made: git is not asked about them either. */
  readonly made: readonly string[]
  /** Packages in node_modules that only whoever works on the plugin needs, with `/` at the end. */
  readonly development: ReadonlySet<string>
  readonly git: GitFiles
  /** Whether somebody made a virtualenv in a directory; it runs nowhere else. */
  readonly isVirtualenv: (directory: string) => boolean
  /** Whether a file has a password in an address; such a file is in no release. */
  readonly hasPassword: (path: string) => boolean
  /** `everything`: a plugin that was a release already. Only `.releaseignore` leaves something out of it. */
  readonly of: 'sources' | 'everything'
}

const NOTHING_ELSE: Surroundings = {
  ...{ named: [], served: [], made: [], development: new Set<string>(), git: NO_GIT, of: 'sources' },
  ...{ isVirtualenv: () => false, hasPassword: () => false },
}

/** The patterns of a `.releaseignore` that are not used, because to compare them with a name may take for ever. */
export function ignoreProblems(releaseignore: string | undefined, file: string): readonly Problem[] {
  return [...endlessPatterns(releaseignore ?? '')].map(([line, pattern]) => {
    const message = `the pattern ${JSON.stringify(pattern.slice(0, 60))} has more than ${MOST_STARS} *`
    return new Problem('TOO_LARGE', message, 'Write several patterns with fewer of them.', { file, line })
  })
}

/** `releaseignore`: the text of the file, in the syntax of .gitignore; undefined when there is none. */
export function contentsOf(releaseignore: string | undefined, around: Surroundings = NOTHING_ELSE): Contents {
  const { named, served, of } = around
  const isDropped = (pattern: string): boolean => !/[*?[]/.test(pattern)
  const read = readPatterns(releaseignore ?? DEFAULT_IGNORE, { needed: named, isDropped, ignoreCase: true })
  // What npm installed is in as it is, but for the lines that speak of it: a line "src" means no package.
  const ofModules = ignore().add(read.lines.filter((line) => line.includes('node_modules')))
  const never = ignore().add(NEVER)
  const always = ignore().add(ALWAYS)
  const isGitIgnored = gitRules(around.git, named)
  // And the directories on the way to them.
  const exact = new Set(named.flatMap(namesUp))
  const made = new Set(around.made.flatMap(namesUp))
  const isKept = keptBy(releaseignore ?? '')
  const judgeModules = (name: string): 'in' | LeftOut => {
    if (ofModules.ignores(name) && !exact.has(name)) return '.releaseignore'
    const isDevelopment = around.development.has(name.endsWith('/') ? name : `${name}/`)
    return isDevelopment && !isKept(name) ? 'development' : 'in'
  }
  const judgeSources = (name: string): 'in' | LeftOut => {
    if (read.rules.ignores(name)) return '.releaseignore'
    if (of === 'everything' || exact.has(name) || isKept(name)) return 'in'
    const isPrivate = around.isVirtualenv(name) ? 'caches' : privateKind(belowNamed(name, named))
    if (isPrivate !== undefined) return isPrivate
    if (made.has(name) || served.some((directory) => name.startsWith(directory))) return 'in'
    return isGitIgnored(name) ? 'git-ignored' : 'in'
  }
  const judge = (path: string, kind: TreeKind): 'in' | LeftOut => {
    const name = kind === 'directory' ? `${path}/` : path
    if (never.ignores(name)) return 'never'
    if (kind === 'other' && NAMES_INDEXES.test(path) && around.hasPassword(path)) return 'passwords'
    if (kind === 'directory' ? ON_THE_WAY.test(path) : always.ignores(name)) return 'in'
    return /(^|\/)node_modules\//.test(name) ? judgeModules(name) : judgeSources(name)
  }
  return { judge, overruled: read.overruled }
}

/** Whether a line with `!` takes a path back, or something below it. */
function keptBy(releaseignore: string): (name: string) => boolean {
  const written = ignore().add(withoutEndless(releaseignore))
  const beginnings = releaseignore.split(/\r?\n/).flatMap((line) =>
    line.startsWith('!')
      ? [
          line
            .slice(1)
            .replace(/^\//, '')
            .replace(/[*?[].*/, ''),
        ]
      : [],
  )
  return (name) =>
    (name.endsWith('/') && beginnings.some((path) => path.startsWith(name))) ||
    namesUp(name).some((up) => written.test(up).unignored)
}

/** The part of a path that nobody named. */
function belowNamed(name: string, named: readonly string[]): string {
  const directories = named.filter((path) => path.endsWith('/') && name.startsWith(path))
  return name.slice(Math.max(0, ...directories.map((path) => path.length)))
}

/** A path, and the directories that it is in. */
function namesUp(name: string): readonly string[] {
  const parts = name.replace(/\/$/, '').split('/')
  return [name, ...parts.slice(0, -1).map((_part, index) => `${parts.slice(0, index + 1).join('/')}/`)]
}
