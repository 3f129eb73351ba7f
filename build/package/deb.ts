import { ARCHITECTURES, type Architecture } from './version.ts'

/** What Debian's tools are told of a package. */
export interface DebianFacts {
  readonly version: string
  readonly architecture: Architecture
  /** Of all files, in bytes. */
  readonly size: number
  readonly summary: string
}

/** The oldest nginx and Python are those of src/host; the libraries are what the Node inside is linked with. */
const DEPENDS = ['libc6 (>= 2.28)', 'libgcc-s1', 'libstdc++6', 'nginx-light | nginx (>= 1.19.10)', 'python3 (>= 3.9)']
/** For those who make plugins here, and for plugins that ask for more. */
const SUGGESTS = ['git', 'make', 'npm', 'php-fpm', 'python3-venv', 'redis-server']

export function controlText({ version, architecture, size, summary }: DebianFacts): string {
  const fields = {
    Package: 'mfserv',
    Version: version,
    Architecture: ARCHITECTURES[architecture].debian,
    Maintainer: 'mfserv <mfserv@localhost>',
    'Installed-Size': Math.ceil(size / 1024),
    Depends: DEPENDS.join(', '),
    Suggests: SUGGESTS.join(', '),
    Section: 'web',
    Priority: 'optional',
    Description: `${summary.replace(/\.$/, '')}\n Developers put code into plugins; administrators install, configure, swap and watch them.\n .\n Everything that running needs is inside but nginx and Python: no network is needed to\n start, and none to install a release.`,
  }
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

export interface Member {
  readonly name: string
  readonly size: number
}

export const AR_BEGIN = '!<arch>\n'
const [NAME, TIME, OWNER, SIZE] = [16, 12, 6, 10]

/** What stands before a member of the archive that a .deb is. Behind one of odd length comes a line feed. */
export function memberHeader({ name, size }: Member, time: number): string {
  const owner = '0'.padEnd(OWNER)
  return `${name.padEnd(NAME)}${String(time).padEnd(TIME)}${owner}${owner}${'100644'.padEnd(8)}${String(size).padEnd(SIZE)}\`\n`
}
