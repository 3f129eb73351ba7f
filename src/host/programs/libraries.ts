import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** For a program that was unpacked below `root`, not installed: the variable that leads to the libraries beside it. */
export function librariesBelow(root: string): Readonly<Record<string, string>> {
  if (!existsSync(join(root, 'usr/lib'))) return {}
  const architectures = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  const directories = architectures.flatMap((name) => [join(root, 'usr/lib', name), join(root, 'lib', name)])
  return directories.length === 0 ? {} : { LD_LIBRARY_PATH: directories.join(delimiter) }
}
