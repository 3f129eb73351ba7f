import type { Ignore } from 'ignore'
import { readPatterns } from './patterns.ts'

/** What git would say of the files of a plugin. */
export interface GitFiles {
  /** The ignore files of the repository above the plugin, the outermost first. `inside`: the path from there to the plugin, with `/` at its end. */
  readonly above: readonly { readonly inside: string; readonly text: string }[]
  /** The text of the .gitignore in a directory of the plugin; `''` is the plugin itself. */
  readonly text: (directory: string) => string | undefined
  /** Files that git keeps although a pattern names them. */
  readonly tracked: ReadonlySet<string>
}

export const NO_GIT: GitFiles = { above: [], text: () => undefined, tracked: new Set() }

/** Names of what build steps make. A repository does not hold it, and a plugin does not run without. */
const OUTPUTS = new Set(
  ['dist', 'build', 'out', 'output', '.output', '.next', '.nuxt', '.svelte-kit', 'site', '_site', 'publish'].concat([
    'vendor',
    'target',
    'bin',
    'lib',
    'public',
    'static',
    'staticfiles',
  ]),
)

/**
 * Whether git ignores a path, which ends in `/` for a directory. Asked from the top down: what is in an ignored directory is
 * not asked for. A pattern for the output of a build is not used, nor is one that would ignore what is `needed`.
 */
export function gitRules(git: GitFiles, needed: readonly string[]): (path: string) => boolean {
  const above = git.above.toReversed().map(({ inside, text }) => {
    const inThere = ['', ...needed].map((path) => `${inside}${path}`).filter((path) => path !== '')
    return { inside, rules: read(text, inThere) }
  })
  const inPlugin = new Map<string, Ignore | undefined>()
  const rulesIn = (directory: string): Ignore | undefined => {
    if (!inPlugin.has(directory)) inPlugin.set(directory, rulesOf(directory, git, needed))
    return inPlugin.get(directory)
  }
  return (path) => {
    if (isTracked(path, git)) return false
    for (const directory of directoriesUp(path)) {
      const said = rulesIn(directory)?.test(directory === '' ? path : path.slice(directory.length + 1))
      if (said?.ignored === true || said?.unignored === true) return said.ignored
    }
    for (const { inside, rules } of above) {
      const said = rules.test(`${inside}${path}`)
      if (said.ignored || said.unignored) return said.ignored
    }
    return false
  }
}

function isTracked(path: string, { tracked }: GitFiles): boolean {
  return path.endsWith('/') ? [...tracked].some((file) => file.startsWith(path)) : tracked.has(path)
}

function rulesOf(directory: string, git: GitFiles, needed: readonly string[]): Ignore | undefined {
  const text = git.text(directory)
  const prefix = directory === '' ? '' : `${directory}/`
  const inThere = needed.filter((path) => path.startsWith(prefix) && path !== prefix).map((path) => path.slice(prefix.length))
  return text === undefined ? undefined : read(text, inThere)
}

function read(text: string, needed: readonly string[]): Ignore {
  const used = text.split(/\r?\n/).map((line) => (namesOutput(line) ? '' : line))
  return readPatterns(used.join('\n'), { needed, isDropped: (pattern) => !/^[/*.]*$/.test(pattern), ignoreCase: false }).rules
}

/** `dist`, `/web/.next/`, `build/*`. */
function namesOutput(line: string): boolean {
  const name = line.trim().replace(/(\/\*+)?\/?$/, '')
  return !line.startsWith('!') && OUTPUTS.has(name.slice(name.lastIndexOf('/') + 1))
}

/** The directory that a path is in, and those that this one is in; the plugin itself last. */
function directoriesUp(path: string): readonly string[] {
  const parts = path.replace(/\/$/, '').split('/').slice(0, -1)
  return [...parts.map((_part, index) => parts.slice(0, parts.length - index).join('/')), '']
}
