import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import {
  logicalLines,
  type RequirementLine,
  type RequirementOption,
  readRequirementLine,
} from '../../../plugin/python/requirement-line.ts'
import { Problem, Problems, type Where } from '../../../problem.ts'
import { bytesOf } from '../../disk/text-of.ts'
import { requirementsText } from './requirements-text.ts'

/** A line for a tool, and where a person wrote it. */
export interface WrittenLine {
  readonly text: string
  readonly where: Where & { readonly line: number }
}

/** A directory with a Python package in it. */
export interface LocalPackage {
  /** Absolute. */
  readonly directory: string
  /** `[fast]`, or empty. */
  readonly extras: string
  readonly marker: string
  /** The application, whose own pyproject.toml says what it needs. */
  readonly isItself?: true
  readonly where: WrittenLine['where']
}

export interface WrittenOption extends RequirementOption {
  readonly where: WrittenLine['where']
}

/** What a requirements file asks for, with those that it includes. */
export interface Requirements {
  /** Archives among them by their absolute paths. */
  readonly packages: readonly WrittenLine[]
  readonly locals: readonly LocalPackage[]
  readonly constraints: readonly WrittenLine[]
  readonly options: readonly WrittenOption[]
  /** The files that were read beside the first one. Absolute. */
  readonly included: readonly string[]
}

export const NOTHING: Requirements = { packages: [], locals: [], constraints: [], options: [], included: [] }

/**
 * Reads a requirements file; relative paths in it begin at `base`, as pip takes them, or else at the file itself. Throws
 * Problems, every one at once: a file or a directory that is not there, a directory that holds no package.
 */
export function readRequirements(file: string, base: string): Requirements {
  const problems: Problem[] = []
  const parts = readFile(file, 'requirements', { base, problems, seen: new Set() })
  if (problems.length > 0) throw problems.length === 1 ? problems[0] : new Problems(problems)
  return merged(parts)
}

interface Reading {
  readonly base: string
  readonly problems: Problem[]
  readonly seen: Set<string>
}

type Kind = 'requirements' | 'constraints'

function readFile(file: string, kind: Kind, reading: Reading): readonly Partial<Requirements>[] {
  if (reading.seen.has(`${kind} ${file}`)) return []
  reading.seen.add(`${kind} ${file}`)
  return logicalLines(textIn(file)).flatMap(({ text, line }) => {
    const where = { file, line }
    return readOne(readRequirementLine(text), kind, where, reading)
  })
}

function textIn(file: string): string {
  return requirementsText(bytesOf(file) ?? Buffer.alloc(0))
}

function readOne(
  one: RequirementLine,
  kind: Kind,
  where: WrittenLine['where'],
  reading: Reading,
): readonly Partial<Requirements>[] {
  switch (one.is) {
    case 'package':
      return [kind === 'requirements' ? { packages: [{ text: one.text, where }] } : { constraints: [{ text: one.text, where }] }]
    case 'options':
      return [{ options: one.options.map((option) => absoluteOption({ ...option, where })) }]
    case 'include':
      return include(one.path, kind === 'constraints' ? kind : one.as, where, reading)
    case 'path':
      return [readPath(one, kind, where, reading)]
    default:
      return one satisfies never
  }
}

function include(path: string, kind: Kind, where: WrittenLine['where'], reading: Reading): readonly Partial<Requirements>[] {
  if (/^https?:\/\//i.test(path)) {
    const option = { name: kind === 'constraints' ? '--constraint' : '--requirement', value: path, where }
    return [{ options: [option] }]
  }
  const file = resolve(dirname(where.file), path)
  if (existsSync(file)) return [{ included: [file] }, ...readFile(file, kind, reading)]
  const message = `${basename(where.file)} includes ${path}, which is not there`
  reading.problems.push(
    new Problem('BUILD_FAILED', message, `Correct the path in line ${where.line}, or remove the line.`, where),
  )
  return []
}

const ARCHIVE = /\.(whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz|tar)$/i

function readPath(
  { path, name, extras, marker }: RequirementLine & { is: 'path' },
  kind: Kind,
  where: WrittenLine['where'],
  { base, problems }: Reading,
): Partial<Requirements> {
  const found = [resolve(base, atHome(path)), resolve(dirname(where.file), path)].find((one) => existsSync(one))
  const fix = `Correct the path in line ${where.line} of ${basename(where.file)}. Relative paths begin at ${base}.`
  if (found === undefined) {
    problems.push(new Problem('BUILD_FAILED', `the package ${path} is not there`, fix, where))
    return {}
  }
  if (statSync(found).isDirectory()) {
    if (isPackage(found)) return { locals: [{ directory: found, extras, marker, where }] }
    const message = `${path} is no Python package: it has neither pyproject.toml nor setup.py`
    problems.push(new Problem('BUILD_FAILED', message, `Add one of them, or remove line ${where.line}.`, where))
    return {}
  }
  const behind = marker === '' ? '' : ` ; ${marker}`
  const text =
    ARCHIVE.test(found) && name === '' ? `${found}${extras}${behind}` : `${name}${extras} @ file://${encodeURI(found)}${behind}`
  return kind === 'constraints' ? { constraints: [{ text, where }] } : { packages: [{ text, where }] }
}

export function isPackage(directory: string): boolean {
  return ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => existsSync(join(directory, name)))
}

/** A tool reads the line from another file, in another directory. */
function absoluteOption(option: WrittenOption): WrittenOption {
  const { name, value, where } = option
  if (name !== '--find-links' || /^[a-z]+:\/\//i.test(value) || isAbsolute(value)) return option
  return { ...option, value: resolve(dirname(where.file), atHome(value)) }
}

function atHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir())
}

export function merged(parts: readonly Partial<Requirements>[]): Requirements {
  return {
    packages: parts.flatMap(({ packages = [] }) => packages),
    locals: parts.flatMap(({ locals = [] }) => locals),
    constraints: parts.flatMap(({ constraints = [] }) => constraints),
    options: parts.flatMap(({ options = [] }) => options),
    included: parts.flatMap(({ included = [] }) => included),
  }
}
