import type { JsonObject } from '../../plugin/json-object.ts'
import { type AppTree, firstLineLike, firstOf, jsonObject, objectIn, textIn } from '../tree.ts'

/** What a `package.json` says of how it is built and started. */
export interface PackageFile {
  readonly scripts: ReadonlyMap<string, string>
  readonly dependencies: ReadonlySet<string>
  /** Those that only building and testing need. */
  readonly development: ReadonlySet<string>
  readonly main: string | undefined
  readonly json: JsonObject
}

export function packageFile(tree: AppTree): PackageFile | undefined {
  const json = jsonObject(tree, 'package.json')
  if (json === undefined) return undefined
  const scripts = Object.entries(objectIn(json, 'scripts'))
  return {
    scripts: new Map(scripts.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text.trim()] as const] : []))),
    dependencies: new Set(Object.keys(objectIn(json, 'dependencies'))),
    development: new Set(Object.keys(objectIn(json, 'devDependencies'))),
    main: textIn(json, 'main'),
    json,
  }
}

/** Wherever it is named. */
export function needs({ dependencies, development }: PackageFile, name: string): boolean {
  return dependencies.has(name) || development.has(name)
}

/** `package.json:7` of a script, or of another key. */
export function placeOf(tree: AppTree, name: string): string {
  const line = firstLineLike(tree, 'package.json', new RegExp(`^\\s*"${name.replace(/[^\w:@/-]/g, '.')}"\\s*:`))
  return line?.place ?? 'package.json'
}

/** The lock by which its packages are installed. */
export function lockOf(tree: AppTree): string | undefined {
  return firstOf(tree, ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'])
}
