import { join } from 'node:path'
import { isExecutable } from '../disk/is-executable.ts'
import { foreignNamesIn } from '../disk/names-in.ts'

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
  return foreignNamesIn(directory).filter((name) => /^php-fpm\d*(\.\d+)?$/.test(name) && isExecutable(join(directory, name)))
}
