import { areAsTheyWere, readBuilt, SOURCES } from './fresh.ts'

/**
 * The first thing that the larger file of the bundle loads. When one of its sources has changed, the command begins again from
 * the sources: until here it has only read its words.
 */
if (!areAsTheyWere(readBuilt().rest)) {
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, SOURCES, ...process.argv.slice(2)], process.env)
}
