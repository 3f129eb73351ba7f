import type { LockedPackage } from './lock.ts'
import { ARCHITECTURES } from './version.ts'

/** What the package.json of a clone says. */
export interface CloneManifest {
  readonly version: string
  readonly description: string
  readonly license: string
}

export interface ManifestFacts {
  readonly clone: CloneManifest
  /** Of the package. */
  readonly version: string
  readonly commit: string
}

/** The package.json of a package: where mfserv finds its version and its commit. `gitHead` is npm's name for it. */
export function packageManifest({ clone, version, commit }: ManifestFacts): Readonly<Record<string, unknown>> {
  const { description, license } = clone
  return { name: 'mfserv', version, description, license, type: 'module', gitHead: commit }
}

/** That of the npm package. Its Node is the one package of those it names that is for the machine. */
export function npmManifest(
  facts: ManifestFacts,
  commands: readonly string[],
  nodes: readonly LockedPackage[],
): Readonly<Record<string, unknown>> {
  return {
    ...packageManifest(facts),
    os: ['linux'],
    cpu: Object.keys(ARCHITECTURES),
    bin: Object.fromEntries(commands.map((command) => [command, `bin/${command}`])),
    optionalDependencies: Object.fromEntries(nodes.map(({ name, version }) => [name, version])),
    scripts: { postinstall: 'sh share/install node' },
  }
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

export interface Licensed {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** The text, of those that ask for it. */
  readonly text: string | undefined
}

/** The licenses of what is inside the bundle of all code. Node, uv and the wheels have theirs beside them or in themselves. */
export function licensesText(licensed: readonly Licensed[]): string {
  const parts = licensed.map(({ name, version, license, text }) => {
    const title = `${name} ${version}: ${license ?? 'see its text'}`
    return [title, '='.repeat(title.length), '', (text ?? '').trim(), ''].join('\n')
  })
  return `mfserv contains these packages.\n\n${parts.join('\n')}`
}

export function copyrightText({ description, license }: CloneManifest): string {
  return [
    'mfserv',
    description,
    '',
    `License: ${license}`,
    '',
    'The licenses of what is inside are in /usr/lib/mfserv: LICENSES of the code in dist/, node_modules/*/LICENSE of Node,',
    'bundled/uv.LICENSE-* of uv, and in each of bundled/wheels/*.whl. libatomic.so.1 is that of the Debian package libatomic1,',
    'GPL-3.0 or later with the GCC Runtime Library Exception; bom.json names its version, and Debian has its source.',
    '',
  ].join('\n')
}
