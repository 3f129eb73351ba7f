import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where the Python packages are that a person needs to work on a plugin. No release has them, and no worker looks there unless it is debugged. */
export const DEVELOPMENT = 'local/dev'
/** There once everything is. */
export const STAMP = '.mfserv-build.json'

/** The environment of a plugin with those tools in it, for a person who works in it. */
export function withDevelopmentTools(
  environment: Readonly<Record<string, string>>,
  home: string,
  mfservHome: string,
): Record<string, string> {
  const directory = join(home, DEVELOPMENT)
  const isThere = existsSync(join(directory, STAMP))
  const joined = (...parts: readonly (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined && part !== '').join(delimiter)
  const path = joined(join(mfservHome, 'share/plugin-bin'), environment['PATH'], isThere ? join(directory, 'bin') : undefined)
  return { ...environment, PATH: path, ...(isThere ? { PYTHONPATH: joined(environment['PYTHONPATH'], directory) } : {}) }
}
