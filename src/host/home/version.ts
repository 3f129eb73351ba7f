import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MFSERV_HOME } from './paths.ts'

/** The version of mfserv that this is. */
export function version(): string {
  return manifest()['version'] ?? '0'
}

/** What `make package` and npm write down of the commit that a package is made of; undefined in a clone. */
export function packagedCommit(): string | undefined {
  return manifest()['gitHead']
}

/** The texts in package.json. */
function manifest(): Readonly<Record<string, string>> {
  const json: unknown = JSON.parse(readFileSync(join(MFSERV_HOME, 'package.json'), 'utf8'))
  const entries = typeof json === 'object' && json !== null ? Object.entries(json) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
