import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { GitFiles } from '../../../package/contents/git-rules.ts'
import { textOf } from '../../disk/text-of.ts'

/** What git would say of the files in `home`, read from its ignore files; git itself is asked only what it tracks, if it is here. */
export function readGitFiles(home: string): GitFiles {
  const text = (directory: string): string | undefined => ignoreText(join(home, directory))
  const real = realpathSync(home)
  const root = repositoryOf(real)
  if (root === undefined) return { above: [], text, tracked: new Set() }
  const exclude = isDirectory(join(root, '.git')) ? textOf(join(root, '.git/info/exclude')) : undefined
  const texts = directoriesBetween(root, real).map((directory) => ({
    inside: relative(directory, real),
    text: ignoreText(directory),
  }))
  const above = [{ inside: relative(root, real), text: exclude }, ...texts]
  return {
    above: above.flatMap(({ inside, text: found }) =>
      found === undefined ? [] : [{ inside: inside === '' ? '' : `${inside}/`, text: found }],
    ),
    text,
    tracked: trackedAnyway(home),
  }
}

function ignoreText(directory: string): string | undefined {
  const file = join(directory, '.gitignore')
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? textOf(file) : undefined
}

/** The directory of the repository that a directory is in; undefined when it is in none. */
function repositoryOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  const parent = dirname(directory)
  return parent === directory ? undefined : repositoryOf(parent)
}

/** Those from `root` down to the one above `directory`: what is in it is read with the plugin. */
function directoriesBetween(root: string, directory: string): readonly string[] {
  return directory === root ? [] : [...directoriesBetween(root, dirname(directory)), dirname(directory)]
}

/** Files that somebody added to the repository although a pattern names them. Without git, or in nobody's repository, none. */
function trackedAnyway(home: string): ReadonlySet<string> {
  const options = ['-c', 'core.fsmonitor=false', 'ls-files', '-z', '--cached', '--ignored', '--exclude-standard'] as const
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0' }
  const asked = spawnSync('git', options, { cwd: home, env, encoding: 'utf8', timeout: 30_000, maxBuffer: 1 << 26 })
  return new Set(asked.status === 0 ? asked.stdout.split('\0').filter((path) => path !== '') : [])
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
