/** The commit that a package is made of. */
export interface PackagedCommit {
  readonly hash: string
  /** When it was made, in seconds since 1970. Everything in a package has this time. */
  readonly time: number
  /** It has the tag of its version, as v0.1.0. */
  readonly isRelease: boolean
  /** A file was changed since. */
  readonly isModified: boolean
}

const DIGITS = 9

/**
 * The version of a package: that of package.json for a tagged commit, else with the time and the name of the commit behind it. So
 * a package of a later commit is newer for dpkg, apt and semver alike, which compare the digits of the time.
 */
export function packageVersion(version: string, { hash, time, isRelease, isModified }: PackagedCommit): string {
  const parts = [isRelease ? [] : [digitsOf(time), `g${hash.slice(0, DIGITS)}`], isModified ? ['modified'] : []].flat()
  return parts.length === 0 ? version : `${version}+${parts.join('.')}`
}

/** `20261129104034` */
function digitsOf(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 19).replace(/\D/g, '')
}

/** What Debian and what Node call the architectures that mfserv runs on. */
export const ARCHITECTURES = {
  x64: { debian: 'amd64', machine: 'x86_64' },
  arm64: { debian: 'arm64', machine: 'aarch64' },
} as const
export type Architecture = keyof typeof ARCHITECTURES

export function isArchitecture(name: string): name is Architecture {
  return name in ARCHITECTURES
}
