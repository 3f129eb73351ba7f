import { existsSync, globSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { type LocalPackage, type PackageJson, parsePackageJson } from './package-json.ts'

/** Every one, also those that they name in turn, in order. Throws a Problem when the package.json of one does not read. */
export function localPackages(home: string, packageJson: PackageJson): readonly LocalPackage[] {
  const found = new Map<string, LocalPackage>()
  const add = (path: string): void => {
    if (!isInside(path) || found.has(path)) return
    const file = join(home, path, 'package.json')
    const text = textOf(file)
    if (text === undefined) return
    const parsed = parsePackageJson(text, file)
    if (parsed instanceof Problem) throw parsed
    found.set(path, { path, packageJson: parsed })
    for (const named of directoriesNamed(parsed)) add(posix.join(path, named))
  }
  for (const path of [...workspaces(home, packageJson), ...directoriesNamed(packageJson)])
    add(posix.normalize(path).replace(/\/$/, ''))
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** The package.json of each, and archives of packages that the plugin has in itself: an installation looks at them. */
export function localNodeFiles(home: string): readonly string[] {
  const file = join(home, 'package.json')
  const parsed = parsePackageJson(textOf(file) ?? '{}', file)
  if (parsed instanceof Problem) throw parsed
  const archives = directoriesNamed(parsed).map((path) => posix.normalize(path))
  return [
    ...localPackages(home, parsed).map(({ path }) => `${path}/package.json`),
    ...archives.filter((path) => isInside(path) && statSync(join(home, path), { throwIfNoEntry: false })?.isFile() === true),
  ]
}

function workspaces(home: string, { workspaces: patterns }: PackageJson): readonly string[] {
  const left = new Set<string>()
  for (const pattern of patterns) {
    const isLeftOut = pattern.startsWith('!')
    const wanted = pattern
      .replace(/^!/, '')
      .replace(/^\.?\/+/, '')
      .replace(/\/+$/, '')
    for (const path of globSync(wanted, { cwd: home, exclude: (name) => name === 'node_modules' })) {
      if (isLeftOut) left.delete(path)
      else if (existsSync(join(home, path, 'package.json'))) left.add(path)
    }
  }
  return [...left]
}

function directoriesNamed({ dependencies }: PackageJson): readonly string[] {
  return Object.values(dependencies).flatMap((range) => pathIn(range) ?? [])
}

/** `file:libs/a`, `./libs/a`; a range, an address and a repository are none. */
function pathIn(range: string): string | undefined {
  if (/^(file|link):/.test(range)) return range.replace(/^\w+:/, '')
  return /^\.{1,2}\//.test(range) ? range : undefined
}

function isInside(path: string): boolean {
  return path !== '' && path !== '.' && path !== '..' && !path.startsWith('../') && !path.startsWith('/')
}
