import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MANIFEST } from '../../../package/generated.ts'
import { readManifest } from '../../../package/manifest.ts'
import { checkNeeds } from '../../../package/needs.ts'
import { Problem, Problems } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'
import { builtNodeModules, nodeSources } from './node-modules.ts'
import { decideNodeModules, needsNpm } from './package-json.ts'

/**
 * A release brings its node_modules whole, and this is all there is to do with it: see that it is there, was built from
 * this package.json, and loads in the Node that it will run on. One of the original says nothing of the last two; there the start
 * of the workers shows it.
 */
export function checkVendoredNodeModules(home: string, abi: string): readonly [] {
  const sources = nodeSources(home)
  if (!needsNpm(sources.packageJson)) return []
  const where = { file: join(home, 'package.json') }
  const incomplete = (message: string): Problem =>
    new Problem('RELEASE_INCOMPLETE', message, 'Make the release again with make release.', where)
  if (!existsSync(join(home, 'node_modules')))
    throw incomplete('package.json names packages, and the release has no node_modules')
  const built = builtNodeModules(home)
  if (built === undefined) return []
  const decision = decideNodeModules(sources, built.abi, built)
  if (decision !== 'keep') throw incomplete('the node_modules of the release was built from another package.json')
  if (built.abi === abi || !isBoundToAbi(home)) return []
  const here = { node: abi, python3: undefined, python2: undefined, platform: { os: '', arch: '' } }
  throw new Problems(checkNeeds({ node: { abi: built.abi } }, here, where))
}

/** Packages without compiled parts, and with those that use Node-API alone, load in every Node. */
function isBoundToAbi(home: string): boolean {
  const file = join(home, MANIFEST)
  const text = textOf(file)
  return text === undefined || readManifest(text, { file }).value?.needs.node !== undefined
}
