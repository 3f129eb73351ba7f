import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { INSTALLED, type LocalPackage, type PackageJson, parseJson, ranges } from './package-json.ts'
import { yarnVersions } from './yarn-lock.ts'

export const PACKAGE_LOCK = 'package-lock.json'
export const SHRINKWRAP = 'npm-shrinkwrap.json'
export const YARN_LOCK = 'yarn.lock'
/** Lock files that npm does not read, and what they belong to. */
const FOREIGN = { 'pnpm-lock.yaml': 'pnpm', 'bun.lock': 'Bun', 'bun.lockb': 'Bun' } as const

export type LockName = typeof PACKAGE_LOCK | typeof SHRINKWRAP

/** The lock that npm reads and writes in a directory. */
export function lockIn(directory: string): LockName {
  return existsSync(join(directory, SHRINKWRAP)) ? SHRINKWRAP : PACKAGE_LOCK
}

/** The text of a yarn.lock that npm reads, which it does where it has no lock of its own. */
export function yarnLockIn(home: string): string | undefined {
  const text = textOf(join(home, YARN_LOCK))
  return text !== undefined && yarnVersions(text) !== undefined ? text : undefined
}

/** In what a lock does not fit: `npm ci` refuses it then, and `npm install` corrects it. Empty when it fits. */
export function misfits(lock: string, packageJson: PackageJson, local: readonly LocalPackage[]): readonly string[] {
  const packages = packagesOf(lock)
  if (packages === undefined) return ['it is not the JSON of a lock']
  const known = new Set(local.map(({ path }) => path))
  const gone = [...packages.keys()].filter((path) => path !== '' && !path.includes('node_modules/') && !known.has(path))
  const all = [{ path: '', packageJson }, ...local]
  return [
    ...all.flatMap((one) => {
      const file = one.path === '' ? 'package.json' : `${one.path}/package.json`
      const entry = packages.get(one.path)
      return entry === undefined ? [`it does not know ${file}`] : differences(entry, one.packageJson, file)
    }),
    ...gone.map((path) => `it knows ${path}, which is no package here`),
  ]
}

function differences(entry: Readonly<Record<string, unknown>>, { dependencies }: PackageJson, file: string): readonly string[] {
  const locked = Object.fromEntries(INSTALLED.flatMap((kind) => ranges(entry[kind])))
  const names = [...new Set([...Object.keys(dependencies), ...Object.keys(locked)])].filter(
    (name) => dependencies[name] !== locked[name],
  )
  return names.map((name) => `${name} is ${locked[name] ?? 'absent'} in it and ${dependencies[name] ?? 'absent'} in ${file}`)
}

/** Lock files that do not count, or contradict the one that does. `lock`: the text of that one, if npm is not to make it. */
export function lockProblems(home: string, packageJson: PackageJson, lock: string | undefined): readonly Problem[] {
  const versions = lock === undefined ? undefined : directVersions(lock)
  return [...twoOfNpm(home, lock), ...foreignLocks(home, lock), ...yarnProblems(home, packageJson, lockIn(home), versions)]
}

function twoOfNpm(home: string, shrinkwrap: string | undefined): readonly Problem[] {
  const file = join(home, PACKAGE_LOCK)
  if (lockIn(home) !== SHRINKWRAP || !existsSync(file) || textOf(file) === shrinkwrap) return []
  const fix = `Remove ${PACKAGE_LOCK}, or ${SHRINKWRAP} if you publish no package.`
  return [
    new Problem('NODE_LOCK', `${PACKAGE_LOCK} is not read: npm takes ${SHRINKWRAP}, which says something else`, fix, { file }),
  ]
}

function foreignLocks(home: string, lock: string | undefined): readonly Problem[] {
  const yarn = textOf(join(home, YARN_LOCK))
  const found = Object.entries<string>(FOREIGN).filter(([name]) => existsSync(join(home, name)))
  if (yarn !== undefined && yarnVersions(yarn) === undefined) found.push([YARN_LOCK, 'a newer Yarn'])
  return found.map(([name, tool]) => {
    const versions = lock === undefined ? 'the newest versions that package.json allows' : `the versions of ${lockIn(home)}`
    const fix = `Keep ${lockIn(home)}, which make writes, in your repository and remove ${name}; or write exact versions into package.json.`
    return new Problem('NODE_LOCK', `${name} is the lock of ${tool}, which npm does not read: it installs ${versions}`, fix, {
      file: join(home, name),
    })
  })
}

function yarnProblems(
  home: string,
  { dependencies }: PackageJson,
  lock: string,
  versions: ReadonlyMap<string, string> | undefined,
): readonly Problem[] {
  const yarn = yarnVersions(textOf(join(home, YARN_LOCK)) ?? '')
  if (yarn === undefined || versions === undefined) return []
  const different = Object.entries(dependencies).flatMap(([name, range]) => {
    const [one, other] = [yarn.get(`${name}@${range}`), versions.get(name)]
    return one === undefined || other === undefined || one === other ? [] : [`${name} is ${one} there and ${other} in ${lock}`]
  })
  if (different.length === 0) return []
  const message = `${YARN_LOCK} and ${lock} contradict each other, and npm takes ${lock}: ${different.slice(0, 3).join('; ')}`
  const fix = `Remove ${lock} to have the versions of ${YARN_LOCK}, or remove ${YARN_LOCK}. Then run make again.`
  return [new Problem('NODE_LOCK', message, fix, { file: join(home, YARN_LOCK) })]
}

/** The versions of what the plugin itself names, by name. */
function directVersions(lock: string): ReadonlyMap<string, string> {
  const direct = [...(packagesOf(lock) ?? [])].flatMap(([path, { version }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    return name === undefined || typeof version !== 'string' ? [] : [[name, version] as const]
  })
  return new Map(direct)
}

export type LockEntry = Readonly<Record<string, unknown>>

/** What a lock says, by the path in the plugin; `''` is the plugin itself. */
export function packagesOf(lock: string): ReadonlyMap<string, LockEntry> | undefined {
  const parsed = parseJson(lock, '')
  if (parsed instanceof Problem || !('packages' in parsed)) return undefined
  const { packages } = parsed
  if (typeof packages !== 'object' || packages === null) return undefined
  return new Map(Object.entries(packages).map(([path, entry]) => [path, typeof entry === 'object' ? { ...entry } : {}] as const))
}

/** Packages that only whoever works on the plugin needs, by their path in it, with the programs they bring. */
export function developmentPackages(home: string): ReadonlyMap<string, readonly string[]> {
  const packages = packagesOf(textOf(join(home, lockIn(home))) ?? '') ?? new Map<string, LockEntry>()
  return new Map(
    [...packages]
      .filter(([path, { dev }]) => dev === true && path.includes('node_modules/') && !OWN_NODE.test(path))
      .map(([path, { bin }]) => [path, typeof bin === 'object' && bin !== null ? Object.keys(bin) : []] as const),
  )
}

/** The workers run on the Node that a plugin brings, whatever it brings it for. */
const OWN_NODE = /(^|\/)node_modules\/node(-linux-[a-z0-9]+|-bin-setup)?$/
