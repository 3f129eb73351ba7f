/** Which Python a plugin asks for; every line of it must hold. */
export interface WantedPython {
  /** What `.python-version` says, and where. */
  readonly named?: { readonly version: string; readonly file: string; readonly line: number }
  /** `requires-python` of pyproject.toml. */
  readonly requires?: { readonly specifiers: string; readonly file: string; readonly line: number }
  /** Such as `cpython-311`: what compiled packages that are there already belong to. */
  readonly tag?: string
}

/** `3.12.1` as numbers. */
export type Version = readonly number[]

/**
 * What pyenv and uv read in `.python-version`: the first line that names a version. Undefined for one that names none, or
 * something else than a CPython, such as `system` or `pypy3.10`.
 */
export function readPythonVersionFile(text: string): { readonly version: string; readonly line: number } | undefined {
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const word = raw.replace(/#.*$/, '').trim()
    if (word === '') continue
    const version = /^(?:cpython-?|python-?)?(3(?:\.\d+){0,2})(?:[-+.](?:linux|macos|windows).*|-dev)?$/i.exec(word)?.[1]
    return version === undefined ? undefined : { version, line: index + 1 }
  }
  return undefined
}

export function versionOf(text: string): Version {
  return (/^\d+(\.\d+)*/.exec(text.trim())?.[0] ?? '').split('.').map(Number)
}

export function compare(one: Version, other: Version): number {
  for (const index of [0, 1, 2]) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether the version begins with those numbers: 3.12 names every 3.12. */
function isOf(version: Version, named: Version): boolean {
  return named.every((part, index) => version[index] === part)
}

/** The clauses of `requires-python` that nobody can read. */
export function unreadableClauses(specifiers: string): readonly string[] {
  return clausesOf(specifiers).filter((clause) => !CLAUSE.test(clause))
}

const CLAUSE = /^(===|==|!=|~=|<=|>=|<|>|\^)\s*(\d+(?:\.\d+)*)(\.\*)?(?:(?:a|b|rc|\.dev|\.post)\d+)?$/

function clausesOf(specifiers: string): readonly string[] {
  return specifiers
    .split(',')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '')
}

/** Whether a version fits `>=3.9,<4`, as Python packages compare them. A clause that nobody can read excludes nothing. */
export function fitsSpecifiers(version: Version, specifiers: string): boolean {
  return clausesOf(specifiers).every((clause) => {
    const [, operator = '', written = '', any] = CLAUSE.exec(clause) ?? []
    if (operator === '') return true
    const asked = versionOf(written)
    const difference = compare(version, asked)
    if (operator === '>=') return difference >= 0
    if (operator === '<=') return difference <= 0
    if (operator === '>') return difference > 0
    if (operator === '<') return difference < 0
    if (operator === '!=') return any === undefined ? difference !== 0 : !isOf(version, asked)
    if (operator === '~=') return difference >= 0 && isOf(version, asked.slice(0, -1))
    if (operator === '^') return difference >= 0 && isOf(version, asked.slice(0, 1))
    return any === undefined ? difference === 0 : isOf(version, asked)
  })
}

/** A Python that has been seen to run. */
export interface FoundPython {
  readonly python3: string
  readonly tag: string
  /** Such as `3.12.1`. */
  readonly version: string
}

/** Whether it will do. The last number of `.python-version` is not decisive: packages fit all of a 3.12. */
export function fits(found: FoundPython, { named, requires, tag }: WantedPython): boolean {
  const version = versionOf(found.version)
  return (
    (named === undefined || isOf(version, versionOf(named.version).slice(0, 2))) &&
    (requires === undefined || fitsSpecifiers(version, requires.specifiers)) &&
    (tag === undefined || tag === found.tag)
  )
}

/**
 * The best of those that will do: the very version that `.python-version` names, or else the first of the list when it will
 * do, which is the Python of mfserv, or else the newest.
 */
export function choosePython(found: readonly FoundPython[], wanted: WantedPython): FoundPython | undefined {
  const fitting = found.filter((one) => fits(one, wanted))
  const named = wanted.named === undefined ? [] : versionOf(wanted.named.version)
  const exact = named.length === 3 ? fitting.find(({ version }) => compare(versionOf(version), named) === 0) : undefined
  const newest = fitting.toSorted((one, other) => compare(versionOf(other.version), versionOf(one.version)))
  const [first] = found
  return exact ?? (first !== undefined && fitting.includes(first) ? first : newest[0])
}

/** For people: `Python 3.12 (.python-version) and >=3.11 (pyproject.toml)`. */
export function describeWanted({ named, requires, tag }: WantedPython): string {
  const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
  const parts = [
    ...(named === undefined ? [] : [`Python ${named.version} (${baseName(named.file)})`]),
    ...(requires === undefined ? [] : [`Python ${requires.specifiers} (requires-python of ${baseName(requires.file)})`]),
    ...(tag === undefined ? [] : [`${tag}, which its packages are built for`]),
  ]
  return parts.join(' and ')
}

/** The short version to get: `3.12`; undefined when only specifiers say it and they name none. */
export function versionToGet({ named, requires, tag }: WantedPython): string | undefined {
  if (named !== undefined) return named.version
  const [, major, minor] = /^cpython-(\d)(\d+)$/.exec(tag ?? '') ?? []
  if (major !== undefined) return `${major}.${minor}`
  return OFFERED.find((version) => fitsSpecifiers(versionOf(version), requires?.specifiers ?? ''))
}

/** With a patch number that no upper bound of a minor version excludes. */
const OFFERED = ['3.13', '3.12', '3.11', '3.10', '3.14', '3.9']

/** For people: how a version gets onto the machine, and where it is looked for. */
export function waysToGet(wanted: WantedPython): string {
  const version = versionToGet(wanted)
  const ways =
    version === undefined ? 'Install one that fits.' : `Get it with "uv python install ${version}" or "pyenv install ${version}".`
  return `${ways} Debian 12 has 3.11 and Debian 13 has 3.13 (apt install python3 python3-venv). It is looked for on PATH, among the versions of pyenv and of uv; mfserv downloads none by itself.`
}

/** The specifiers of both together, such as `==3.12.*,>=3.10`; empty when nothing is wanted. */
export function specifiersOf({ named, requires }: WantedPython): string {
  return [
    ...(named === undefined ? [] : [`==${versionOf(named.version).slice(0, 2).join('.')}.*`]),
    ...(requires === undefined ? [] : [requires.specifiers]),
  ].join(',')
}

/** No minor version of Python has had half as many. */
const MOST_PATCHES = 100

/** Whether no version at all can be both. */
export function isContradiction({ named, requires }: WantedPython): boolean {
  if (named === undefined || requires === undefined) return false
  const numbers = versionOf(named.version)
  if (numbers.length === 1) return false
  // A fourth number is never compared.
  const versions = Array.from({ length: MOST_PATCHES }, (_, patch) => [...numbers, patch])
  return versions.every((version) => !fitsSpecifiers(version, requires.specifiers))
}
