import { statSync } from 'node:fs'

/**
 * What tells a directory from a copy of it, whatever their paths are. A record bears that of the directory it was written
 * into: in a copy of the runtime home (`cp -a`) it is seen to be about processes of the original. A move keeps it.
 */
export function directoryIdentity(directory: string): string {
  const { dev, ino } = statSync(directory, { bigint: true })
  return `${dev}:${ino}`
}
