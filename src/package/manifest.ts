import { validateName } from '../plugin/name.ts'
import { Problem, type Where } from '../problem.ts'
import type { ReleaseIdentity } from './file-name.ts'
import { damaged, type Reading, readJsonText, readObject } from './metadata.ts'
import type { Needs, Platform } from './needs.ts'

/** `.mfserv_release.json`: what a release is, and the checksum of everything in it. A signature is over this file. */
export interface Manifest extends ReleaseIdentity {
  readonly needs: Needs
  /** The SHA-256 in hex of every file but this one and the signature, by its path in the plugin. */
  readonly files: ReadonlyMap<string, string>
  /** Where each symbolic link points. */
  readonly links: ReadonlyMap<string, string>
  /** The directories that hold nothing. Undefined in a release of an mfserv that did not list them. */
  readonly directories: ReadonlySet<string> | undefined
  /** Which of the files may be executed. */
  readonly executables: ReadonlySet<string>
}

const FORMAT = 1

export function manifestText({ name, version, release, needs, files, links, directories, executables }: Manifest): string {
  const json = {
    format: FORMAT,
    name,
    version,
    release,
    needs,
    files: Object.fromEntries(files),
    links: Object.fromEntries(links),
    ...(directories === undefined ? {} : { directories: [...directories] }),
    executables: [...executables],
  }
  return `${JSON.stringify(json, null, 1)}\n`
}

/** Reads `.mfserv_release.json`, or says everything that is wrong with it. */
export function readManifest(text: string, where: Where): Reading<Manifest> {
  const json = readObject(text, where)
  if (json instanceof Problem) return { value: undefined, problems: [json] }
  if (typeof json['format'] === 'number' && json['format'] > FORMAT)
    return { value: undefined, problems: [newer(json['format'], where)] }
  const problems: Problem[] = json['format'] === FORMAT ? [] : [damaged('its format is not 1', where)]
  const identity = (key: keyof ReleaseIdentity): string => {
    const value = json[key]
    if (typeof value === 'string') return value
    problems.push(damaged(`${key} in it is no text`, where))
    return ''
  }
  const paths = (key: string): ReadonlySet<string> => new Set(readPaths(json[key] ?? [], key, problems, where))
  const name = identity('name')
  const badName = validateName(name, where)
  if (badName !== undefined) problems.push(badName)
  const value: Manifest = {
    name,
    version: identity('version'),
    release: identity('release'),
    needs: readNeeds(json['needs'], problems, where),
    files: readTexts(json['files'], { what: 'files', shape: /^[0-9a-f]{64}$/, where }, problems),
    links: readTexts(json['links'], { what: 'links', shape: /^[^\0]+$/, where }, problems),
    directories: json['directories'] === undefined ? undefined : paths('directories'),
    executables: paths('executables'),
  }
  return problems.length === 0 ? { value, problems: [] } : { value: undefined, problems }
}

/** `.files.json`: the paths in it, the root of the archive included. */
export function readFileList(text: string, where: Where): Reading<readonly string[]> {
  const json = readJsonText(text, where)
  const problems: Problem[] = []
  if (json instanceof Problem) return { value: undefined, problems: [json] }
  const value = readPaths(json, 'the list', problems, where)
  return problems.length === 0 ? { value, problems: [] } : { value: undefined, problems }
}

function newer(format: number, where: Where): Problem {
  const message = `the release has format ${format}, this mfserv reads format ${FORMAT}`
  return new Problem('RELEASE_DAMAGED', message, 'Install a newer mfserv, or make the release again with this one.', where)
}

function readPaths(value: unknown, what: string, problems: Problem[], where: Where): readonly string[] {
  if (Array.isArray(value) && value.every((path) => typeof path === 'string')) return value
  problems.push(damaged(`${what} in it is no list of paths`, where))
  return []
}

/** A table of texts that all have one shape. */
interface TextTable {
  readonly what: string
  readonly shape: RegExp
  readonly where: Where
}

function readTexts(value: unknown, { what, shape, where }: TextTable, problems: Problem[]): ReadonlyMap<string, string> {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
  const fits = (one: unknown): one is string => typeof one === 'string' && shape.test(one)
  if (entries === undefined) problems.push(damaged(`${what} in it is no table`, where))
  const wrong = (entries ?? []).filter(([, one]) => !fits(one))
  for (const [path] of wrong) problems.push(damaged(`what ${what} says of ${JSON.stringify(path)} is not readable`, where))
  return new Map((entries ?? []).filter((entry): entry is [string, string] => fits(entry[1])))
}

function readNeeds(value: unknown, problems: Problem[], where: Where): Needs {
  const needs = asObject(value)
  if (needs === undefined) {
    problems.push(damaged('needs in it is no table', where))
    return {}
  }
  const part = (key: keyof Needs, inner: string): string => {
    const text = asObject(needs[key])?.[inner]
    if (typeof text === 'string') return text
    problems.push(damaged(`needs.${key}.${inner} in it is no text`, where))
    return ''
  }
  const glibc = asObject(needs['platform'])?.['glibc'] === undefined ? {} : { glibc: part('platform', 'glibc') }
  const platform = (): Platform => ({ os: part('platform', 'os'), arch: part('platform', 'arch'), ...glibc })
  return {
    ...(needs['python3'] === undefined ? {} : { python3: { tag: part('python3', 'tag') } }),
    ...(needs['python3Version'] === undefined ? {} : { python3Version: { requires: part('python3Version', 'requires') } }),
    ...(needs['python2'] === undefined ? {} : { python2: { tag: part('python2', 'tag') } }),
    ...(needs['node'] === undefined ? {} : { node: { abi: part('node', 'abi') } }),
    ...(needs['nodeVersion'] === undefined ? {} : { nodeVersion: { asks: part('nodeVersion', 'asks') } }),
    ...(needs['platform'] === undefined ? {} : { platform: platform() }),
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
