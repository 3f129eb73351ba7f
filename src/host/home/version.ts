import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MFSERV_HOME } from './paths.ts'

/** The version of mfserv that this is. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(MFSERV_HOME, 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0'
}
