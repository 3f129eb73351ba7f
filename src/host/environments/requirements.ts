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

const HEADER = /^# Frozen from requirements-to-freeze\.txt \(([0-9a-f]{16})\)/

/** The text of requirements3.txt or requirements2.txt: exact versions, and which state of requirements-to-freeze.txt they come from. */
export function frozenText(source: string, requirements: readonly string[]): string {
  const header = `# Frozen from requirements-to-freeze.txt (${fingerprint(source)}) by make. Edit that file, not this one.`
  return `${[header, ...requirements].join('\n')}\n`
}

/**
 * Must the frozen requirements be made again? The fingerprint in its first line decides, so a fresh checkout, which gives both files
 * the same age, changes no version. A file that somebody else wrote has none: then it counts whether its source is newer.
 */
export function mustFreeze(source: string | undefined, frozen: string | undefined, sourceAge: 'newer' | 'not newer'): boolean {
  if (source === undefined) return false
  if (frozen === undefined) return true
  const from = HEADER.exec(frozen)?.[1]
  return from === undefined ? sourceAge === 'newer' : from !== fingerprint(source)
}

/** What a virtualenv was built from; it is kept inside. */
export interface VirtualenvStamp {
  readonly requirements: string
  /** Such as `cpython-311`; of Python 2 with the interpreter behind it. */
  readonly python: string
  /** Where it stands, if its scripts work only there. */
  readonly boundTo: string | undefined
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
  /** Of the interpreter there is now. */
  readonly python: string
  readonly home: string
  readonly need: VirtualenvNeed
}

export function decideVirtualenv(
  { requirements, python, home, need }: WantedVirtualenv,
  built: VirtualenvStamp | undefined,
): VirtualenvDecision {
  const isWanted = need === 'always' || requirementLines(requirements).length > 0
  if (!isWanted) return built === undefined ? 'keep' : 'remove'
  if (built === undefined) return 'build'
  const stands = built.boundTo === undefined || built.boundTo === home
  return built.requirements === fingerprint(requirements) && built.python === python && stands ? 'keep' : 'build'
}
