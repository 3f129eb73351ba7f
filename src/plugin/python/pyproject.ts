import { readToml, type Toml, type TomlTable } from './toml.ts'

/** What pyproject.toml says about the dependencies of an application. */
export interface Pyproject {
  /** Whether it has the table `[project]`; without it nothing of the rest is there. */
  readonly hasProject: boolean
  readonly dependencies: readonly Dependency[]
  /** The build backend says them: `dynamic = ["dependencies"]`. */
  readonly isDynamic: boolean
  readonly requiresPython: { readonly specifiers: string; readonly line: number } | undefined
  /** The application is a package of its own, which uv and pip would install. */
  readonly isPackage: boolean
  /** Where `[tool.uv.sources]` says a dependency lies, relative to the file. */
  readonly paths: readonly string[]
  /** `[tool.uv]`. */
  readonly uv: TomlTable
  /** Only Poetry reads these: `[tool.poetry.dependencies]`. */
  readonly poetryOnly: boolean
  /** Equal for two texts exactly when they ask for the same packages. */
  readonly essence: string
}

export interface Dependency {
  readonly text: string
  readonly line: number
}

export type PyprojectReading = { readonly value: Pyproject } | { readonly mistake: string; readonly line: number }

export function readPyproject(text: string): PyprojectReading {
  const toml = readToml(text)
  if ('mistake' in toml) return toml
  const project = tableIn(toml.table, 'project')
  const uv = tableIn(tableIn(toml.table, 'tool'), 'uv')
  const poetry = tableIn(tableIn(toml.table, 'tool'), 'poetry')
  const written = project?.['dependencies'] ?? []
  const lines = text.split('\n')
  const keyAt = (key: RegExp): number => indexFrom(lines, indexFrom(lines, 0, isHeading), (line) => key.test(line))
  const at = keyAt(/^\s*dependencies\s*=/)
  if (!isTexts(written)) return { mistake: 'dependencies in [project] is no list of texts', line: at + 1 }
  const isBuilt = toml.table['build-system'] !== undefined && poetry?.['package-mode'] !== false
  const requires = project?.['requires-python']
  const dynamic = project?.['dynamic'] ?? []
  return {
    value: {
      hasProject: project !== undefined,
      dependencies: written.map((one) => ({ text: one, line: indexFrom(lines, at, isQuoted(one)) + 1 })),
      isDynamic: isTexts(dynamic) && dynamic.includes('dependencies'),
      requiresPython:
        typeof requires === 'string' ? { specifiers: requires, line: keyAt(/^\s*requires-python\s*=/) + 1 } : undefined,
      isPackage: project !== undefined && (uv?.['package'] ?? isBuilt) === true,
      paths: pathsOf(tableIn(uv, 'sources')),
      uv: uv ?? {},
      poetryOnly: project === undefined && tableIn(poetry, 'dependencies') !== undefined,
      essence: JSON.stringify([written, dynamic, requires, uv, toml.table['build-system']]),
    },
  }
}

function pathsOf(sources: TomlTable | undefined): readonly string[] {
  return Object.values(sources ?? {}).flatMap((source) =>
    (Array.isArray(source) ? (source as readonly Toml[]) : [source]).flatMap((one) => {
      const path = isTable(one) ? one['path'] : undefined
      return typeof path === 'string' ? [path] : []
    }),
  )
}

/** The first line from one on that is it, and that one itself where none is: only for messages, the text is read by then. */
function indexFrom(lines: readonly string[], from: number, isIt: (line: string) => boolean): number {
  return Math.max(
    from,
    lines.findIndex((line, at) => at >= from && isIt(line)),
  )
}

/** Of the table whose keys are looked for: other tools have tables with such keys too. */
function isHeading(line: string): boolean {
  return /^\s*\[\s*project\s*\]/.test(line)
}

function isQuoted(written: string): (line: string) => boolean {
  return (line) => [JSON.stringify(written), `'${written}'`].some((one) => line.includes(one))
}

function tableIn(table: TomlTable | undefined, key: string): TomlTable | undefined {
  const value = table?.[key]
  return isTable(value) ? value : undefined
}

function isTable(value: Toml | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value)
}

function isTexts(value: Toml): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
