import { Problem, type Where } from '../problem.ts'

/** `.metadata.json`, the same in files of both generations. All are texts; what is unknown is empty. */
export interface Metadata {
  readonly version: string
  readonly release: string
  readonly build_host: string
  /** `2026-01-31T08:00:00Z`. */
  readonly build_date: string
  /** Of all files together, in bytes. */
  readonly size: string
  readonly summary: string
  readonly license: string
  readonly packager: string
  readonly vendor: string
  readonly url: string
}

const KEYS = [
  'version',
  'release',
  'build_host',
  'build_date',
  'size',
  'summary',
  'license',
  'packager',
  'vendor',
  'url',
] as const satisfies readonly (keyof Metadata)[]

/** What may stand in the name of a file and of a directory. */
const IN_A_NAME = /^[A-Za-z0-9._+~-]{1,64}$/

export type Reading<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value: undefined; readonly problems: readonly Problem[] }

/** Reads `.metadata.json`, or says everything that is wrong with it. */
export function readMetadata(text: string, where: Where): Reading<Metadata> {
  const json = readObject(text, where)
  if (json instanceof Problem) return { value: undefined, problems: [json] }
  const value = Object.fromEntries(KEYS.map((key) => [key, textOrNothing(json[key])])) as Record<keyof Metadata, string>
  const problems = [
    ...KEYS.filter((key) => !isText(json[key])).map((key) => damaged(`${key} in it is no text`, where)),
    ...(['version', 'release'] as const)
      .filter((key) => isText(json[key]) && !IN_A_NAME.test(value[key]))
      .map((key) => damaged(`its ${key} ${JSON.stringify(value[key])} cannot be the name of a file`, where)),
  ]
  return problems.length === 0 ? { value, problems: [] } : { value: undefined, problems }
}

/** Some of the original's files say `null` where nothing is known. */
function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string'
}

function textOrNothing(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The object in a JSON text. */
export function readObject(text: string, where: Where): Readonly<Record<string, unknown>> | Problem {
  const json = readJsonText(text, where)
  if (json instanceof Problem) return json
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json }
  return damaged('it holds no JSON object', where)
}

export function readJsonText(text: string, where: Where): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return damaged(`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, where, cause)
  }
}

/** Something in a release file that no make release writes. */
export function damaged(message: string, where: Where, cause?: unknown): Problem {
  const fix = 'Copy the file again from where it was made, and compare the SHA-256; or make it again with make release.'
  return new Problem('RELEASE_DAMAGED', message, fix, where, cause)
}

/** The text whose MD5 is the hash that `plugins.hash` prints. */
export function hashedText({ build_host, build_date, size, version, release }: Metadata): string {
  return [build_host, build_date, size, version, release].join(', ')
}

/** What a development link hashes. */
export const DEV_LINK_HASHED = 'unknown, unknown, unknown, dev_link, dev_link'
