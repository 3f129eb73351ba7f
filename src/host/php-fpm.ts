import { accessSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from './proc.ts'

/** Where distributions put it, which is not on the PATH of every user. */
const SYSTEM = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']

/** `php-fpm` on PATH or where systems have it; else the newest of `php-fpm8.2` and its like. Undefined where there is none. */
export function findPhpFpm({ PATH = '' }: NodeJS.ProcessEnv, system = SYSTEM): string | undefined {
  const directories = [...PATH.split(':').filter((directory) => directory.startsWith('/')), ...system]
  const found = directories.flatMap((directory) => programsIn(directory).map((name) => ({ name, directory })))
  const plain = found.find(({ name }) => name === 'php-fpm')
  const [newest] = found.toSorted((one, other) => other.name.localeCompare(one.name, 'en', { numeric: true }))
  const chosen = plain ?? newest
  return chosen && join(chosen.directory, chosen.name)
}

function programsIn(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => /^php-fpm\d*(\.\d+)?$/.test(name) && isExecutable(join(directory, name)))
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}
