import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, relative, resolve } from 'node:path'

/** What a test may use of Node and still leave the process that runs it as it was. */
const QUIET = ['assert/strict', 'fs', 'fs/promises', 'os', 'path', 'test', 'util', 'zlib', 'crypto', 'stream', 'stream/promises']

/**
 * Whether a test starts no process, opens no socket and leaves what its process shares alone. The start of a Node costs more
 * than most of these take, so that one process runs them all, one after the other.
 */
export function isQuiet(text: string): boolean {
  const builtins = [...text.matchAll(/from '([^']+)'/g)].map(([, from = '']) => from).filter((from) => isBuiltin(from))
  const shared = /(?<![\w.])process\.(?:env|argv|chdir|exit|on|umask|set|std|kill)|globalThis/.test(text)
  return !shared && builtins.every((name) => QUIET.includes(name.replace('node:', '')))
}

/**
 * The files in two parts: those beside the sources that may share a process, and those that each have one. The tests of the
 * whole machine start processes by way of others. A single quiet file gains nothing.
 */
export function parted(files: readonly string[], sources: string): Parts {
  const beside = files.filter((file) => file.startsWith(`${sources}/`))
  const quiet = new Set(beside.filter((file) => withFixtures(file, sources).every((one) => isQuiet(readFileSync(one, 'utf8')))))
  if (quiet.size < 2) return { together: [], apart: files }
  return { together: [...quiet], apart: files.filter((file) => !quiet.has(file)) }
}

/** A test, and what it takes from outside of the sources: that belongs to the test. */
function withFixtures(file: string, sources: string): readonly string[] {
  const imported = [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, from = '']) =>
    resolve(dirname(file), from),
  )
  const fixtures = imported.filter((one) => !one.startsWith(`${sources}/`))
  return [file, ...fixtures.flatMap((one) => withFixtures(one, sources))]
}

interface Parts {
  readonly together: readonly string[]
  readonly apart: readonly string[]
}

/** A module in `directory` that runs all these files. */
export function entryOf(directory: string, files: readonly string[]): string {
  return files.map((file) => `import ${JSON.stringify(`./${relative(directory, file)}`)}\n`).join('')
}
