import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Contents } from '../../package/contents.ts'
import { badName, badTarget, newTree, strayLinks } from '../../package/entry.ts'
import { ROOT } from '../../package/generated.ts'
import { Problem } from '../../problem.ts'

/** What of a plugin's directory goes into its release, in order. Paths are relative to the plugin. */
export interface SourceTree {
  readonly files: readonly string[]
  readonly links: ReadonlyMap<string, string>
  readonly emptyDirectories: readonly string[]
  /** Whatever could not be unpacked again. */
  readonly problems: readonly Problem[]
}

export function readSourceTree(home: string, contents: Contents): SourceTree {
  const files: string[] = []
  const links = new Map<string, string>()
  const emptyDirectories: string[] = []
  const problems: Problem[] = []
  const tree = newTree()
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
      if (!contents.takes(path, entry.isDirectory() ? 'directory' : 'other')) continue
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
  for (const { path, why } of strayLinks(links)) refuse(path, why)
  return { files, links, emptyDirectories: emptyDirectories.filter((path) => path !== 'node_modules'), problems }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
}
