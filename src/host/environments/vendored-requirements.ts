import { requirementLines } from './requirements.ts'

/**
 * Frozen requirements for an installation from `files` alone: a package by its address becomes the version that is there,
 * and neither hashes of what is elsewhere nor places to look in are left.
 */
export function vendoredRequirements(frozen: string, files: readonly string[]): string {
  const lines = requirementLines(frozen)
    .filter((line) => !line.startsWith('-') || /^(-r|-c|--requirement|--constraint)\b/.test(line))
    .map((line) => fromFiles(line.replace(/\s+--hash[= ]\S+/g, ''), files))
  return `${lines.join('\n')}\n`
}

function fromFiles(line: string, files: readonly string[]): string {
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
