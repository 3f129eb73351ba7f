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
  const length = Math.max(one.length, other.length)
  const text = (parts: readonly string[]): string => Array.from({ length }, (_, index) => placeOf(parts[index])).join('\0')
  return text(one) < text(other)
}

/** Numbers, words, and the signs that say how what follows is meant. */
function partsOf(version: string): readonly string[] {
  return version.toLowerCase().match(/\d+|[a-z]+|[~+]/g) ?? []
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['~', '0'],
  ['+', '3'],
])

/** A text that comes before or behind that of another part as the part does. A zero where a version says nothing more. */
function placeOf(part = '0'): string {
  const sign = SIGNS.get(part)
  if (sign !== undefined) return sign
  if (/^[a-z]/.test(part)) return `1${part}`
  const digits = part.replace(/^0+/, '')
  // A longer number is a higher one.
  return digits === '' ? '2' : `4${String.fromCharCode(digits.length)}${digits}`
}
