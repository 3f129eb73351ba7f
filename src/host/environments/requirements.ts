import { createHash } from 'node:crypto'

/** The requirements of a file without its comments and blank lines; a line that ends in a backslash goes on in the next one. */
export function requirementLines(text: string): readonly string[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** Equal for two texts exactly when they name the same requirements in the same order, whatever their comments. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(requirementLines(text).join('\n')).digest('hex').slice(0, 16)
}

const HEADER = /^# Frozen from (.+) \(([0-9a-f]{16})\) by make\./

/** What the frozen requirements come from; undefined for those that somebody else wrote. */
export function frozenFrom(frozen: string): { readonly title: string; readonly fingerprint: string } | undefined {
  const [, title, print] = HEADER.exec(frozen) ?? []
  return title === undefined || print === undefined ? undefined : { title, fingerprint: print }
}

/** The files that a person edits, as they stand now. */
export interface FreezeSource {
  /** Such as `requirements-to-freeze.txt`. */
  readonly title: string
  readonly fingerprint: string
}

/** The text of requirements3.txt or requirements2.txt: exact versions, and which state of which files they come from. */
export function frozenText({ title, fingerprint: print }: FreezeSource, requirements: readonly string[]): string {
  const edit =
    title === 'uv.lock' ? 'Edit pyproject.toml and run uv lock' : title.includes(' and ') ? 'Edit those files' : 'Edit that file'
  const header = `# Frozen from ${title} (${print}) by make. ${edit}, not this one.`
  return `${[header, ...requirements.map(hashesBelow)].join('\n')}\n`
}

/** A package may have a hash for every platform: each on a line of its own. */
function hashesBelow(requirement: string): string {
  return requirement.replace(/\s+(--hash[=\s])/g, ' \\\n    $1')
}

/**
 * Must the frozen requirements be made again? The fingerprint in its first line decides, so a fresh checkout, which gives both files
 * the same age, changes no version. A file that somebody else wrote has none: then it counts whether its source is newer.
 */
export function mustFreeze(
  source: FreezeSource | undefined,
  frozen: string | undefined,
  sourceAge: 'newer' | 'not newer',
): boolean {
  if (source === undefined) return false
  if (frozen === undefined) return true
  const from = frozenFrom(frozen)
  if (from === undefined) return sourceAge === 'newer'
  return from.fingerprint !== source.fingerprint || from.title !== source.title
}

/** What a virtualenv was built from; it is kept inside. */
export interface VirtualenvStamp {
  readonly requirements: string
  /** Such as `cpython-311`; of Python 2 with the interpreter behind it. */
  readonly python: string
  /** Where it stands, if its scripts work only there. */
  readonly boundTo: string | undefined
  /** Of the packages that are installed from directories on this machine, and where those are. Absolute. */
  readonly locals?: string
  readonly directories?: readonly string[]
}

export type VirtualenvDecision = 'build' | 'remove' | 'keep'

/**
 * `with packages`: no requirement, no virtualenv; such a plugin runs on the framework's Python, and builds without any tool
 * or network.
 */
export type VirtualenvNeed = 'with packages' | 'always'

export interface WantedVirtualenv {
  /** The text of the frozen requirements. */
  readonly requirements: string
  /** Changes with what is installed from directories on this machine. */
  readonly locals?: string
  /** Of the interpreter there is now. */
  readonly python: string
  readonly home: string
  readonly need: VirtualenvNeed
}

export function decideVirtualenv(
  { requirements, locals = '', python, home, need }: WantedVirtualenv,
  built: VirtualenvStamp | undefined,
): VirtualenvDecision {
  const isWanted = need === 'always' || requirementLines(requirements).length > 0
  if (!isWanted) return built === undefined ? 'keep' : 'remove'
  if (built === undefined) return 'build'
  const stands = built.boundTo === undefined || built.boundTo === home
  const isSame = built.requirements === fingerprint(requirements) && (built.locals ?? '') === locals && built.python === python
  return isSame && stands ? 'keep' : 'build'
}
