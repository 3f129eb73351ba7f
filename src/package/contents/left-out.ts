import type { LeftOut } from './contents.ts'
import type { Overruled } from './patterns.ts'
import { privateKind } from './private-files.ts'

/** What was left out of a release, by the reason. Directories end in `/`; what is in them is not listed. */
export type LeftOutPaths = ReadonlyMap<LeftOut, readonly string[]>

const WORDS: readonly (readonly [LeftOut, string])[] = [
  ['.releaseignore', 'named by .releaseignore'],
  ['passwords', 'a password stands in an address in it, and no line of .releaseignore changes that'],
  ['secrets', 'it may hold secrets'],
  ['data', 'data of this machine'],
  ['development', 'development dependencies'],
  ['git-ignored', 'named by .gitignore'],
  ['logs', 'logs'],
  ['caches', 'caches, which are made again'],
]

/** Of these nobody wonders where they are. */
const EXPECTED = /(^|\/)(\.git[^/]*|\.svn|__pycache__|[^/]*\.pyc|Makefile|local|\.configuration_cache|tmp_build|node_modules)\/?$/
const MOST_SHOWN = 6

/** What to tell of it: a line for each reason, and how to keep one. */
export function leftOutLines(leftOut: LeftOutPaths): readonly string[] {
  const lines = WORDS.flatMap(([reason, words]) => {
    const paths = (leftOut.get(reason) ?? []).filter((path) => !EXPECTED.test(path))
    if (paths.length === 0) return []
    const more = paths.length > MOST_SHOWN ? ` and ${paths.length - MOST_SHOWN} more` : ''
    return [`Left out (${words}): ${paths.slice(0, MOST_SHOWN).join(', ')}${more}`]
  })
  if (lines.length === 0) return []
  return [...lines, 'To keep one in the release, add its path to .releaseignore with !/ in front, such as !/data/places.db']
}

/** What is in although nobody would expect it: the file that an app is told to read. */
export function privateLines(files: readonly string[]): readonly string[] {
  return files.flatMap((path) => {
    const kind = privateKind(path)
    const words = WORDS.find(([reason]) => reason === kind)?.[1]
    return words === undefined ? [] : [`In the release, because config.ini names it (${words}): ${path}`]
  })
}

export function overruledLines(overruled: readonly Overruled[]): readonly string[] {
  return overruled
    .toSorted((one, other) => one.line - other.line)
    .map(
      ({ line, pattern, path }) =>
        `.releaseignore:${line} would leave out ${path}, which this plugin needs: "${pattern}" is not used for it`,
    )
}
