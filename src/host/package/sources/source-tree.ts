import { existsSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Contents, LeftOut } from '../../../package/contents/contents.ts'
import { badName, badTarget, newTree, strayLinks } from '../../../package/entry.ts'
import { ROOT } from '../../../package/generated.ts'
import { Problem } from '../../../problem.ts'

/** What of a plugin's directory goes into its release, in order. Paths are relative to the plugin. */
export interface SourceTree {
  readonly files: readonly string[]
  readonly links: ReadonlyMap<string, string>
  readonly emptyDirectories: readonly string[]
  /** By the reason, directories with `/` at the end. */
  readonly leftOut: ReadonlyMap<LeftOut, readonly string[]>
  /** Whatever could not be unpacked again. */
  readonly problems: readonly Problem[]
}

export function readSourceTree(home: string, contents: Contents): SourceTree {
  const files: string[] = []
  const links = new Map<string, string>()
  const emptyDirectories: string[] = []
  const leftOut = new Map<LeftOut, string[]>()
  const problems: Problem[] = []
  const tree = newTree()
  const isIn = (path: string, isDirectory: boolean): boolean => {
    const verdict = contents.judge(path, isDirectory ? 'directory' : 'other')
    if (verdict === 'in') return true
    leftOut.set(verdict, [...(leftOut.get(verdict) ?? []), isDirectory ? `${path}/` : path])
    return false
  }
  const refuse = (path: string, why: string): void => {
    const fix = `Rename or remove it, or leave it out: a line ${JSON.stringify(`/${path}`)} in .releaseignore.`
    problems.push(new Problem('RELEASE_UNSAFE', `${JSON.stringify(path)} ${why}`, fix, { file: join(home, path) }))
  }
  const takeLink = (path: string): void => {
    const target = readlinkSync(join(home, path))
    const why = badTarget(target)
    if (why === undefined) links.set(path, target)
    else refuse(path, why)
  }
  const visit = (directory: string): number => {
    let taken = 0
    const entries = readdirSync(join(home, directory), { withFileTypes: true }).sort(byName)
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (!isIn(path, entry.isDirectory())) continue
      taken += 1
      const why = badName(`${ROOT}/${path}`) ?? tree.add(path, entry.isDirectory() ? 'directory' : 'file')
      if (why !== undefined) refuse(path, why)
      else if (entry.isDirectory()) {
        if (visit(path) === 0) emptyDirectories.push(path)
      } else if (entry.isSymbolicLink()) takeLink(path)
      else if (entry.isFile()) files.push(path)
      else refuse(path, 'is neither a file, a directory nor a link')
    }
    return taken
  }
  visit('')
  for (const path of deadPrograms(home, links, files)) links.delete(path)
  for (const { path, why } of strayLinks(links)) refuse(path, why)
  return { files, links, emptyDirectories: emptyDirectories.filter((path) => path !== 'node_modules'), leftOut, problems }
}

/** Links of node_modules/.bin to programs of packages that are not in. */
function deadPrograms(home: string, links: ReadonlyMap<string, string>, files: readonly string[]): readonly string[] {
  const programs = [...links.keys()].filter((path) => /(^|\/)node_modules\/\.bin\/[^/]+$/.test(path))
  if (programs.length === 0) return []
  const taken = new Set(files)
  return programs.filter((path) => {
    const target = targetOf(home, path)
    return target?.includes('node_modules/') === true && !taken.has(target)
  })
}

/** Tells whether a path of the plugin is in; what a link leads to has to be in as well. */
export function membersOf(home: string, tree: SourceTree): (path: string) => boolean {
  const places = placesOf(tree)
  return (path) => {
    const target = targetOf(home, path)
    return target !== undefined && places.has(target)
  }
}

/** What links of the tree lead to that is in the plugin, and not in the tree. Directories end in `/`. */
export function linkedFiles(home: string, tree: SourceTree): readonly string[] {
  const places = placesOf(tree)
  return [...tree.links.keys()].flatMap((path) => {
    const target = targetOf(home, path)
    if (target === undefined || target === '' || places.has(target)) return []
    return [statSync(join(home, target)).isDirectory() ? `${target}/` : target]
  })
}

/** Where a path ends up in the plugin; undefined when nothing is there, or it is outside. */
function targetOf(home: string, path: string): string | undefined {
  if (!existsSync(join(home, path))) return undefined
  const target = relative(realpathSync(home), realpathSync(join(home, path)))
  return target === '..' || target.startsWith('../') ? undefined : target
}

/** Files, and every directory that one is in. */
function placesOf({ files, links, emptyDirectories }: SourceTree): ReadonlySet<string> {
  const places = new Set([...files, ...links.keys(), ...emptyDirectories])
  for (const path of [...places]) {
    for (let up = dirname(path); up !== '.' && !places.has(up); up = dirname(up)) places.add(up)
  }
  return places
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
}
