/** Which release of which plugin. */
export interface ReleaseIdentity {
  readonly name: string
  readonly version: string
  readonly release: string
}

export function releaseFileName({ name, version, release }: ReleaseIdentity): string {
  return `${name}-${version}-${release}.metwork.mfserv.plugin`
}

/** The name of a release on disk: two files with the same version are two releases. `sha256` of the file, in hex. */
export function releaseId({ version, release }: Pick<ReleaseIdentity, 'version' | 'release'>, sha256: string): string {
  return `${version}-${release}-${sha256.slice(0, 8)}`
}
