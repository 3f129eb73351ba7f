/** The versions of a yarn.lock of the first generation, which npm reads, by `name@range`. Undefined for any other text. */
export function yarnVersions(text: string): ReadonlyMap<string, string> | undefined {
  if (!/^# yarn lockfile v1$/m.test(text)) return undefined
  const blocks = text.split(/\n(?=\S)/)
  return new Map(
    blocks.flatMap((block) => {
      const version = /^ {2}version "([^"]+)"/m.exec(block)?.[1]
      return version === undefined ? [] : specsOf(block).map((spec) => [spec, version] as const)
    }),
  )
}

/**
 * The same text with an address for each package that has none: npm takes the version of those alone that have one, and asks
 * the registry that it is configured for in place of this one.
 */
export function withAddresses(text: string): string {
  return text
    .split(/\n(?=\S)/)
    .map((block) => {
      const version = /^ {2}version "([^"]+)"/m.exec(block)?.[1]
      const name = nameOf(specsOf(block)[0] ?? '')
      if (version === undefined || name === undefined || /^ {2}resolved /m.test(block)) return block
      const address = `https://registry.npmjs.org/${name}/-/${name.replace(/^@[^/]+\//, '')}-${version}.tgz`
      return block.replace(/^( {2}version "[^"]+")/m, `$1\n  resolved "${address}"`)
    })
    .join('\n')
}

/** `a@^1, "@b/c@~2":` */
function specsOf(block: string): readonly string[] {
  const header = /^([^#\s][^\n]*):$/m.exec(block)?.[1]
  return header === undefined ? [] : header.split(/,\s*/).map((spec) => spec.replace(/^"|"$/g, ''))
}

/** Of a package of a registry: an alias, a directory or a repository has none. */
function nameOf(spec: string): string | undefined {
  return /^((?:@[\w.-]+\/)?[\w.-]+)@[^:/]*$/.exec(spec)?.[1]
}
