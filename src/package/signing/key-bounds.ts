import { validateName } from '../../plugin/name.ts'
import type { ReleaseIdentity } from '../file-name.ts'

/** Which releases a trusted key counts for. */
export interface KeyBounds {
  /** The names of plugins; undefined: all. */
  readonly plugins: readonly string[] | undefined
  /** The lowest version; undefined: any. */
  readonly lowest: string | undefined
}

export const NO_BOUNDS: KeyBounds = { plugins: undefined, lowest: undefined }

/** The first line of the bounds, in front of the key itself: another format is another number. */
const FORMAT = 'mfserv-trust: 1'
const VERSION = /^[A-Za-z0-9._+~-]{1,64}$/

/** The lines that stand in front of a key in its file; none where there are no bounds. */
export function boundsText({ plugins, lowest }: KeyBounds): string {
  if (plugins === undefined && lowest === undefined) return ''
  const lines = [
    FORMAT,
    ...(plugins === undefined ? [] : [`plugins: ${plugins.join(', ')}`]),
    ...(lowest === undefined ? [] : [`lowest: ${lowest}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** The bounds in the text in front of a key, or why they are not readable: what cannot be read must not make a key count for more. */
export function readBounds(text: string): KeyBounds | { readonly why: string } {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0) return NO_BOUNDS
  const [first, ...rest] = lines
  if (first !== FORMAT) return { why: `in front of the key stands ${JSON.stringify(first)} and not "${FORMAT}"` }
  let bounds = NO_BOUNDS
  for (const line of rest) {
    const [, key = '', value = ''] = /^(\w+):(.*)$/.exec(line) ?? []
    const read = readBound(key, value.trim())
    if ('why' in read) return { why: `the line ${JSON.stringify(line)} in front of the key ${read.why}` }
    bounds = { ...bounds, ...read }
  }
  return bounds
}

/** `plugins`: names with commas between them. Either side of the options of a command and of a line of the file. */
export function readBound(key: string, value: string): Partial<KeyBounds> | { readonly why: string } {
  if (key === 'lowest') return VERSION.test(value) ? { lowest: value } : { why: 'names no version' }
  if (key !== 'plugins') return { why: 'is none of plugins and lowest' }
  const plugins = value.split(',').map((name) => name.trim())
  const wrong = plugins.map((name) => validateName(name)).find((problem) => problem !== undefined)
  return wrong === undefined ? { plugins } : { why: `does not name plugins: ${wrong.message}` }
}

/** For people. */
export function describeBounds({ plugins, lowest }: KeyBounds): string {
  const names = plugins === undefined ? 'every plugin' : plugins.join(', ')
  return lowest === undefined ? names : `${names}, from version ${lowest} on`
}

/** Why a release is not one that the key counts for; undefined when it is. */
export function outOfBounds(
  { plugins, lowest }: KeyBounds,
  { name, version }: Omit<ReleaseIdentity, 'release'>,
): string | undefined {
  if (plugins !== undefined && !plugins.includes(name)) return `the key is trusted for ${plugins.join(', ')}, not for ${name}`
  if (lowest !== undefined && isLower(version, lowest))
    return `the key is trusted from version ${lowest} on, and this is ${version}`
  return undefined
}

/**
 * Whether a version comes before another: numbers count as numbers, and `1.0` is `1.0.0`. What has letters, `~` or `-` where the
 * other ends is a forerunner, as `1.0rc1` of `1.0`; behind `+` it is a later build.
 */
export function isLower(version: string, than: string): boolean {
  const [one, other] = [partsOf(version), partsOf(than)]
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const order = comparePart(one[index], other[index])
    if (order !== 0) return order < 0
  }
  return false
}

/** Numbers, words, and the signs that say how what follows is meant. */
function partsOf(version: string): readonly string[] {
  return version.toLowerCase().match(/\d+|[a-z]+|[~+]/g) ?? []
}

function comparePart(one: string | undefined, other: string | undefined): number {
  const [rank, otherRank] = [rankOf(one), rankOf(other)]
  if (rank !== otherRank) return rank - otherRank
  if (one === undefined || other === undefined || one === other) return 0
  if (rank !== NUMBER) return one < other ? -1 : 1
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')]
  return a.length - b.length || (a === b ? 0 : a < b ? -1 : 1)
}

const NUMBER = 4

/** A zero where the other ends says nothing. */
function rankOf(part: string | undefined): number {
  if (part === undefined || /^0+$/.test(part)) return 2
  if (part === '~') return 0
  if (part === '+') return 3
  return /^\d/.test(part) ? NUMBER : 1
}
