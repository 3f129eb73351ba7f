import { areAsTheyWere, SOURCES, type Source } from './fresh.ts'

/**
 * The first thing that each of the larger files of the bundle does. When one of its sources has changed, the command begins again
 * from the sources: until here it has only read its words.
 */
export function fromSourcesUnless(sources: readonly Source[]): void {
  if (areAsTheyWere(sources)) return
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, SOURCES, ...process.argv.slice(2)], process.env)
}
