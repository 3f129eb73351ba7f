/** What package-lock.json says of a package. */
export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** As npm writes it: `sha512-` and base64. */
  readonly integrity: string
  /** For some machines only: it is a program, and no part of the code. */
  readonly isOptional: boolean
}

/** The packages of a lock that are no development ones, by their place in node_modules. */
export function lockedPackages(lock: string): ReadonlyMap<string, LockedPackage> {
  const { packages }: { readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>> } = JSON.parse(lock)
  const found = Object.entries(packages).flatMap(([path, { version, license, integrity, dev, optional }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    if (name === undefined || dev === true || typeof version !== 'string' || typeof integrity !== 'string') return []
    return [
      [
        name,
        { name, version, integrity, isOptional: optional === true, license: typeof license === 'string' ? license : undefined },
      ] as const,
    ]
  })
  return new Map(found)
}
