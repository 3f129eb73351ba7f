import { copyFileSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Problem } from '../../problem.ts'
import { isExecutable } from '../disk/is-executable.ts'
import { foreignNamesIn } from '../disk/names-in.ts'
import type { Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { installDebian, unpackedDebian } from './debian.ts'
import { librariesBelow } from './libraries.ts'

const PHP_PACKAGES = ['php-fpm']

/** Where distributions put it, which is not on the PATH of every user. */
const SYSTEM = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']

/** Of Debian's packages: the directory of PHP's extensions. */
const EXTENSIONS = 'usr/lib/php/2*'
/** Where mfserv puts the files together that load them, as the scripts of the packages would. The one of its own is written last. */
const SETTINGS = 'mfserv-php.d'
const OWN_SETTINGS = '0.ini'

export interface PhpFpm {
  readonly path: string
  /** Where its libraries and extensions are, if it was unpacked. */
  readonly env: Readonly<Record<string, string>>
}

/** Finds php-fpm, or installs Debian's; without root it is unpacked into the runtime home. Throws the problems of either. */
export async function ensurePhpFpm(env: NodeJS.ProcessEnv, paths: Paths, report: Report, system = SYSTEM): Promise<PhpFpm> {
  const found = findPhpFpm(env, paths, system)
  if (found !== undefined) return found
  report('this machine has no php-fpm')
  const root = await installDebian(PHP_PACKAGES, paths, report)
  if (root !== '/') loadExtensions(root)
  const installed = findPhpFpm(env, paths, system)
  if (installed !== undefined) return installed
  throw new Problem('BUILD_FAILED', 'the package php-fpm was installed and holds no php-fpm', 'Install php-fpm by hand.')
}

/**
 * `php-fpm` on PATH or where systems have it; else the newest of `php-fpm8.2` and its like; else what `mfserv setup --with php`
 * unpacked. Undefined where there is none.
 */
export function findPhpFpm({ PATH = '' }: NodeJS.ProcessEnv, paths: Paths, system = SYSTEM): PhpFpm | undefined {
  const path = newestIn([...PATH.split(':').filter((directory) => directory.startsWith('/')), ...system])
  if (path !== undefined) return { path, env: {} }
  const root = unpackedDebian(PHP_PACKAGES, paths)
  const unpacked = root === undefined ? undefined : newestIn([join(root, 'usr/sbin')])
  // Without its extensions it would run, only slower: an installation that was interrupted goes on instead.
  if (root === undefined || unpacked === undefined || !existsSync(join(root, SETTINGS, OWN_SETTINGS))) return undefined
  return { path: unpacked, env: { ...librariesBelow(root), PHP_INI_SCAN_DIR: join(root, SETTINGS) } }
}

/**
 * opcache among them. Each file names its extension alone, without a directory. Where the system has them already, for its `php`,
 * they were not unpacked, and php-fpm looks for them there by itself.
 */
function loadExtensions(root: string): void {
  const settings = join(root, SETTINGS)
  const version = basename(newestIn([join(root, 'usr/sbin')]) ?? '').replace('php-fpm', '')
  const [extensions] = globSync(EXTENSIONS, { cwd: root })
  const from = extensions === undefined ? '/' : root
  mkdirSync(settings, { recursive: true })
  for (const file of globSync(`usr/share/php${version}-*/*/*.ini`, { cwd: from }))
    copyFileSync(join(from, file), join(settings, basename(file)))
  // PHP puts the variable in its place, so a runtime home may move.
  const own = extensions === undefined ? '' : `extension_dir = "\${PHP_INI_SCAN_DIR}/../${extensions}"\n`
  writeFileSync(join(settings, OWN_SETTINGS), own)
}

function newestIn(directories: readonly string[]): string | undefined {
  const found = directories.flatMap((directory) => programsIn(directory).map((name) => ({ name, directory })))
  const plain = found.find(({ name }) => name === 'php-fpm')
  const [newest] = found.toSorted((one, other) => other.name.localeCompare(one.name, 'en', { numeric: true }))
  const chosen = plain ?? newest
  return chosen && join(chosen.directory, chosen.name)
}

function programsIn(directory: string): readonly string[] {
  return foreignNamesIn(directory).filter((name) => /^php-fpm\d*(\.\d+)?$/.test(name) && isExecutable(join(directory, name)))
}
