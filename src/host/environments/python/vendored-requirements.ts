import { readWheelName } from '../../../package/wheel.ts'
import { normalName, packageName, readRequirementLine } from '../../../plugin/python/requirement-line.ts'
import { requirementLines } from '../requirements.ts'

/**
 * Frozen requirements for an installation from `files` alone: a package by its address becomes the version that is there,
 * and neither hashes of what is elsewhere nor places to look in are left.
 */
export function vendoredRequirements(frozen: string, files: readonly string[]): string {
  const lines = requirementLines(frozen)
  const packages = lines
    .filter((line) => !isLocal(line) && (!line.startsWith('-') || /^(-r|-c|--requirement|--constraint)\b/.test(line)))
    .map((line) => fromFiles(line.replace(/\s+--hash[= ]\S+/g, ''), files))
  const locals = lines.some(isLocal) ? unnamed(packages, files) : []
  return `${[...packages, ...locals].join('\n')}\n`
}

/** A directory on the machine where the release was made. */
function isLocal(line: string): boolean {
  const one = readRequirementLine(line)
  return one.is === 'path' && one.name === '' && !ARCHIVE.test(one.path)
}

/** The wheels that local packages became: no line names them, because a directory does not say the name of its package. */
function unnamed(packages: readonly string[], files: readonly string[]): readonly string[] {
  const named = new Set(packages.map(packageName))
  return files.flatMap((file) => {
    const wheel = readWheelName(file)
    return wheel === undefined || named.has(normalName(wheel.name)) ? [] : [`${wheel.name}==${wheel.version}`]
  })
}

const ARCHIVE = /\.(?:whl|zip|tar\.\w+|tgz)$/i

function fromFiles(line: string, files: readonly string[]): string {
  const one = readRequirementLine(line)
  const wheel = one.is === 'path' ? readWheelName(one.path.replace(/^.*\//, '')) : undefined
  if (one.is === 'path' && one.name === '' && wheel !== undefined) return `${wheel.name}${one.extras}==${wheel.version}`
  const [, name, extras = '', marker = ''] = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*@\s*[^;]+?(\s+;.*)?$/.exec(line) ?? []
  if (name === undefined) return line
  const version = files.map((file) => versionIn(file, name)).find((found) => found !== undefined)
  return version === undefined ? line : `${name}${extras}==${version}${marker}`
}

/** The version in `my_package-1.0-py3-none-any.whl` or `my-package-1.0.tar.gz` of the package `name`. */
function versionIn(file: string, name: string): string | undefined {
  const spelling = name.split(/[-_.]+/).join('[-_.]+')
  const pattern = new RegExp(`^${spelling}-(\\d[^-]*)(?:-.*\\.whl|\\.tar\\.\\w+|\\.zip)$`, 'i')
  return pattern.exec(file)?.[1]
}
