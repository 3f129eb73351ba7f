import { createHash } from 'node:crypto'
import { Problem, type Where } from '../../problem.ts'

/** The parts of package.json that decide how node_modules is built. */
export interface PackageJson {
  readonly text: string
  /** Name and range, of every kind of dependency that gets installed. */
  readonly dependencies: Readonly<Record<string, string>>
  /** npm needs the whole directory: workspaces, packages by path, scripts of the plugin that run at installation. */
  readonly needs: 'itself only' | 'the directory'
}

const INSTALLED = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']

/** Reads package.json, or says what is wrong with it. */
export function parsePackageJson(text: string, file: string): PackageJson | Problem {
  const parsed = parseJson(text, file)
  if (parsed instanceof Problem) return parsed
  const values: Record<string, unknown> = { ...parsed }
  const dependencies = Object.fromEntries(INSTALLED.flatMap((kind) => ranges(values[kind])))
  const scripts = new Set(ranges(values['scripts']).map(([name]) => name))
  const byPath = Object.values(dependencies).some((range) => /^(file:|link:|workspace:|\.{0,2}\/|~\/)/.test(range))
  const alone = !byPath && values['workspaces'] === undefined && !INSTALL_SCRIPTS.some((script) => scripts.has(script))
  return { text, dependencies, needs: alone ? 'itself only' : 'the directory' }
}

/** `npm ci` installs exactly what the lock says, and refuses one that does not belong to package.json. */
export function npmCommand(packageJson: PackageJson, lock: string | undefined): 'ci' | 'install' {
  if (lock === undefined) return 'install'
  const parsed = parseJson(lock, '')
  if (parsed instanceof Problem) return 'install'
  const { packages } = parsed as { readonly packages?: Readonly<Record<string, unknown>> }
  const root: Record<string, unknown> = { ...(packages?.[''] ?? {}) }
  const locked = Object.fromEntries(INSTALLED.flatMap((kind) => ranges(root[kind])))
  const names = Object.keys(packageJson.dependencies)
  const same = names.length === Object.keys(locked).length
  return same && names.every((name) => locked[name] === packageJson.dependencies[name]) ? 'ci' : 'install'
}

/** What node_modules was built from; it is kept inside. */
export interface NodeModulesStamp {
  readonly packageJson: string
  readonly lock: string
  /** The version of Node's binary interface, which compiled packages depend on. */
  readonly abi: string
}

export type NodeModulesDecision = 'build' | 'remove' | 'keep'

export function decideNodeModules(
  packageJson: PackageJson | undefined,
  lock: string | undefined,
  abi: string,
  built: NodeModulesStamp | undefined,
): NodeModulesDecision {
  if (packageJson === undefined || Object.keys(packageJson.dependencies).length === 0)
    return built === undefined ? 'keep' : 'remove'
  if (built === undefined || lock === undefined) return 'build'
  const wanted = nodeModulesStamp(packageJson, lock, abi)
  return built.packageJson === wanted.packageJson && built.lock === wanted.lock && built.abi === abi ? 'keep' : 'build'
}

export function nodeModulesStamp(packageJson: PackageJson, lock: string, abi: string): NodeModulesStamp {
  return { packageJson: hash(packageJson.text), lock: hash(lock), abi }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function ranges(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, range]) => [name, typeof range === 'string' ? range : ''] as const)
}

function parseJson(text: string, file: string): object | Problem {
  const fix = 'Correct it: names and texts stand in double quotes, no comma after the last entry, no comments.'
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    return new Problem('BUILD_FAILED', 'package.json is not a JSON object', fix, { file, line: 1 })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return new Problem('BUILD_FAILED', `package.json is not JSON: ${message}`, fix, jsonPlace(message, text, file), cause)
  }
}

function jsonPlace(message: string, text: string, file: string): Where {
  const last = text.trimEnd().split('\n').length
  const line = /line (\d+)/.exec(message)?.[1]
  return { file, line: Math.min(Number(line ?? last), last) }
}
