import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../disk/atomic.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { textOf } from '../disk/text-of.ts'
import { closeHome } from './close-home.ts'
import { MFSERV_HOME, type Paths } from './paths.ts'

/** The page where no plugin serves. */
const WELCOME = 'index.html'

/** Makes what a runtime home consists of, for the user of mfserv alone. */
export function prepareDirectories(paths: Paths): void {
  closeHome(paths)
  for (const directory of [
    paths.config,
    paths.plugins,
    paths.workers,
    paths.models,
    paths.stopped,
    paths.maintenance,
    paths.paused,
    paths.aside,
    paths.restarts,
    paths.health,
    paths.log,
    paths.tmp,
    paths.nginxTemp,
    paths.run,
    paths.welcome,
  ]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }
  // By its name: while a package is installed, what is not in place yet lies beside it.
  keepPrivately(join(paths.welcome, WELCOME), readFileSync(join(MFSERV_HOME, 'share/welcome', WELCOME), 'utf8'))
}

/** The identity of this runtime home, made at its first start: 32 hexadecimal digits. */
export function ownUuid(paths: Paths): string {
  const known = textOf(paths.uuid)
  if (known !== undefined) return known.trim()
  const uuid = randomUUID().replaceAll('-', '')
  writeAtomically(paths.uuid, `${uuid}\n`)
  return uuid
}
