/** The value, or what a right value looks like, as it follows "Write ". */
export type Read<T> = (text: string) => ReadResult<T>
export type ReadResult<T> = { readonly value: T } | { readonly expected: string }

/** What is known of a key, in whichever file it stands. */
export interface Key<T> {
  /** A sentence or more: the comment in a generated config.ini and the text of the reference page. */
  readonly doc: string
  /** What is read when the key is absent, as it would be written. */
  readonly fallback: string
  readonly read: Read<T>
  /** What counts when the value that is written cannot be read; the fallback without it. */
  readonly doubt?: string
  /** Why it has no effect; said when it is set to something else than its default. */
  readonly idle?: Idle
  /** When a change takes effect, where that is not at once. */
  readonly takesEffect?: TakesEffect
}

/** `new workers`: running ones keep what they were started with. `next start`: when mfserv is started the next time. */
export type TakesEffect = 'new workers' | 'next start'

/** `planned`: a later version will do it, so the reference page has it. `left out`: this project will not have it. */
export interface Idle {
  readonly is: 'planned' | 'left out'
  readonly because: string
}

export function planned(because: string): { readonly idle: Idle } {
  return { idle: { is: 'planned', because } }
}

export function leftOut(because: string): { readonly idle: Idle } {
  return { idle: { is: 'left out', because } }
}

/** `null` is how both generations write "nothing". */
export const text: Read<string> = (written) => ({ value: written === 'null' ? '' : written })

export const flag: Read<boolean> = (written) => {
  if (/^(1|true|yes|y|t|on)$/i.test(written)) return { value: true }
  if (/^(0|false|no|n|f|off|null)$/i.test(written)) return { value: false }
  return { expected: '1 or 0' }
}

export function whole(min: number, max: number): Read<number> {
  return (written) => {
    const value = /^-?\d+$/.test(written) ? Number(written) : Number.NaN
    return value >= min && value <= max ? { value } : { expected: `a whole number from ${min} to ${max}` }
  }
}

/** A number that may have decimals. */
export function decimal(min: number, max: number): Read<number> {
  return (written) => {
    const value = /^\d+(\.\d+)?$/.test(written) ? Number(written) : Number.NaN
    return value >= min && value <= max ? { value } : { expected: `a number from ${min} to ${max}, such as 1.5` }
  }
}

/** Like `whole(0, max)`; `null`, nothing and -1, as many programs write "none", are 0. */
export function wholeOrNone(max: number): Read<number> {
  return (written) => (/^(|null|-1)$/.test(written) ? { value: 0 } : whole(0, max)(written))
}

export function oneOf<T extends string>(...allowed: readonly T[]): Read<T> {
  return (written) => {
    const value = allowed.find((candidate) => candidate === written)
    return value === undefined ? { expected: `one of ${allowed.join(', ')}` } : { value }
  }
}

/** A text of one shape; nothing is allowed too and reads as ''. */
export function shaped(pattern: RegExp, expected: string): Read<string> {
  return (written) => {
    const value = written === 'null' ? '' : written
    return value === '' || pattern.test(value) ? { value } : { expected }
  }
}

/** Parts between separators, trimmed, the empty ones left out; each of one shape. */
export function list(separator: string, pattern: RegExp, expected: string): Read<readonly string[]> {
  return (written) => {
    const parts = (written === 'null' ? '' : written).split(separator).map((part) => part.trim())
    const value = parts.filter((part) => part !== '')
    return value.every((part) => pattern.test(part)) ? { value } : { expected }
  }
}

const SIZE_UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const
const LEAST_SIZE = SIZE_UNITS.M

/** Bytes, written as `300M` or `2G`; AUTO and nothing are undefined, `0` is no limit. */
export const sizeOrAuto: Read<number | undefined> = (written) => {
  if (/^(|null|AUTO)$/.test(written)) return { value: undefined }
  const [, digits, unit = ''] = /^(\d{1,15})([KMGT]?)$/i.exec(written) ?? []
  const value = Number(digits) * SIZE_UNITS[unit.toUpperCase() as keyof typeof SIZE_UNITS]
  const isRight = value === 0 || (value >= LEAST_SIZE && value <= Number.MAX_SAFE_INTEGER)
  return isRight ? { value } : { expected: 'a size of at least 1M, such as 300M or 2G, or AUTO, or 0 for no limit' }
}

/** Undefined is AUTO: what else decides. */
export function orAuto<T>(read: Read<T>): Read<T | undefined> {
  return (written) => {
    if (/^(|null|AUTO)$/.test(written)) return { value: undefined }
    const result = read(written)
    return 'value' in result ? result : { expected: `${result.expected}, or AUTO` }
  }
}
