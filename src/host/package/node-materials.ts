import { join } from 'node:path'
import type { NodeMaterial } from '../../package/bom.ts'
import { readJson } from '../disk/read-json.ts'

/** The packages in node_modules that are among `files`, as npm wrote down what it installed. Empty when there are none. */
export function readNodeMaterials(home: string, files: ReadonlySet<string>): readonly NodeMaterial[] {
  const installed = packagesOf(readJson(join(home, 'node_modules/.package-lock.json')))
  return installed.flatMap(([path, entry]) => {
    const { version, name, license, integrity } = entry
    const at = path.lastIndexOf('node_modules/')
    if (at < 0 || typeof version !== 'string' || !files.has(`${path}/package.json`)) return []
    return [
      {
        name: typeof name === 'string' ? name : path.slice(at + 'node_modules/'.length),
        version,
        license: typeof license === 'string' ? license : undefined,
        integrity: typeof integrity === 'string' ? integrity : undefined,
      },
    ]
  })
}

function packagesOf(lock: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return []
  const { packages } = lock
  if (typeof packages !== 'object' || packages === null) return []
  return Object.entries(packages).map(([path, entry]) => [path, { ...entry }] as const)
}
