import { join } from 'node:path'
import satisfies from 'semver/functions/satisfies.js'
import validRange from 'semver/ranges/valid.js'
import type { Needs } from '../../../package/needs.ts'
import { textOf } from '../../disk/text-of.ts'
import { parseJson } from './package-json.ts'

/** Which Node an application says it needs. */
export interface NodeWish {
  /** As it is written. */
  readonly written: string
  /** Undefined when nobody can tell. */
  readonly range: string | undefined
  /** Such as `engines in package.json`. */
  readonly said: string
  readonly where: { readonly file: string; readonly line: number }
}

/** What its files say: `.nvmrc`, `.node-version`, `engines` of package.json. */
export function nodeWishes(home: string): readonly NodeWish[] {
  const ofFiles = ['.nvmrc', '.node-version'].flatMap((name): readonly NodeWish[] => {
    const lines = (textOf(join(home, name)) ?? '').split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim())
    const at = lines.findIndex((line) => line !== '' && !line.includes('='))
    const written = lines[at]
    return written === undefined
      ? []
      : [{ written, range: rangeOf(written), said: name, where: { file: join(home, name), line: at + 1 } }]
  })
  return [...ofFiles, ...enginesOf(home)]
}

export function fitsAll(wishes: readonly NodeWish[]): (version: string) => boolean {
  return (version) => wishes.every(({ range }) => range === undefined || satisfies(version, range))
}

/** What a release says of them: nothing where the Node of mfserv fits. */
export function needsOfNode(home: string): Needs {
  const wishes = nodeWishes(home).filter(({ range }) => range !== undefined)
  if (fitsAll(wishes)(process.versions.node)) return {}
  return { nodeVersion: { asks: wishes.map(({ written, range }) => (/^\D*lts/.test(written) ? range : written)).join(' and ') } }
}

function enginesOf(home: string): readonly NodeWish[] {
  const file = join(home, 'package.json')
  const text = textOf(file)
  const parsed = text === undefined ? {} : parseJson(text, file)
  if (!('engines' in parsed) || typeof parsed.engines !== 'object' || parsed.engines === null || !('node' in parsed.engines))
    return []
  const written = parsed.engines.node
  if (typeof written !== 'string') return []
  const line = (text ?? '').split('\n').findIndex((one) => one.includes('"node"')) + 1
  return [
    {
      written,
      range: validRange(written) ?? undefined,
      said: 'engines in package.json',
      where: { file, line: Math.max(line, 1) },
    },
  ]
}

/** The names of the lines that are supported for long. */
const LONG_SUPPORTED = [
  'argon',
  'boron',
  'carbon',
  'dubnium',
  'erbium',
  'fermium',
  'gallium',
  'hydrogen',
  'iron',
  'jod',
  'krypton',
]

/** `20`, `v20.1`, `lts/iron`; `node` and `lts/*` take any. */
function rangeOf(written: string): string | undefined {
  const name = written.toLowerCase()
  if (['node', 'stable', 'latest', 'current', 'system', 'lts/*', 'lts', '--lts'].includes(name)) return '*'
  const line = LONG_SUPPORTED.indexOf(name.replace(/^lts\//, ''))
  return line >= 0 ? `${4 + 2 * line}` : (validRange(name) ?? undefined)
}
