import { fitsSpecifiers, versionOf, waysToGet } from '../plugin/python/python-version.ts'
import { Problem, type Where } from '../problem.ts'

/** What a release needs of the machine it is installed on. A part is there only if something in the file depends on it. */
export interface Needs {
  readonly python3?: { readonly tag: string }
  /** Which versions of Python 3 the application runs on: `>=3.10,<4`. */
  readonly python3Version?: { readonly requires: string }
  readonly python2?: { readonly tag: string }
  readonly node?: { readonly abi: string }
  /** Which Node the application asks for, where that of mfserv does not fit: `20`, `>=18 <21`. */
  readonly nodeVersion?: { readonly asks: string }
  readonly platform?: Platform
}

export interface Platform {
  /** As Node calls it: `linux`. */
  readonly os: string
  /** As Node calls it: `x64`, `arm64`. */
  readonly arch: string
  /** The oldest that will do, such as `2.31`; absent when nothing is linked against it. */
  readonly glibc?: string
}

/** What this machine has. */
export interface Here {
  /** Such as `cpython-311`. */
  readonly python3: string | undefined
  /** Such as `3.11.2`. */
  readonly python3Version?: string | undefined
  /** Such as `cpython-27mu`. */
  readonly python2: string | undefined
  readonly node: string
  readonly platform: Platform
}

/** Why a release cannot run here, everything at once; empty when it can. */
export function checkNeeds(needs: Needs, here: Here, where?: Where): readonly Problem[] {
  const { python3, python3Version, python2, node, nodeVersion, platform } = needs
  return [
    ...(python3 === undefined || python3.tag === here.python3 ? [] : [otherPython(python3.tag, here.python3, where)]),
    ...(python3Version === undefined ? [] : otherVersion(python3Version.requires, here.python3Version, where)),
    ...(python2 === undefined || python2.tag === here.python2 ? [] : [otherPython(python2.tag, here.python2, where)]),
    // Of a Node that is chosen for it, its environments say whether they fit.
    ...(node === undefined || nodeVersion !== undefined || node.abi === here.node ? [] : [otherNode(node.abi, here.node, where)]),
    ...(platform === undefined ? [] : otherPlatform(platform, here.platform, where)),
  ]
}

function otherPython(wanted: string, here: string | undefined, where: Where | undefined): Problem {
  const message = `its packages are built for ${pythonName(wanted)}, here is ${here === undefined ? 'none' : pythonName(here)}`
  const get = wanted.startsWith('cpython-3') ? ` ${waysToGet({ tag: wanted })}` : ''
  const fix = `Make the release again on a machine with the Python that is here, or install it where ${pythonName(wanted)} is.${get}`
  return new Problem('RELEASE_NEEDS', message, fix, where)
}

function otherVersion(requires: string, here: string | undefined, where: Where | undefined): readonly Problem[] {
  if (here !== undefined && fitsSpecifiers(versionOf(here), requires)) return []
  const message = `it runs on Python ${requires}, here is ${here === undefined ? 'none' : `Python ${here}`}`
  const fix = waysToGet({ requires: { specifiers: requires, file: '', line: 0 } })
  return [new Problem('RELEASE_NEEDS', message, fix, where)]
}

/** `Python 3.11 (cpython-311)`. */
export function pythonName(tag: string): string {
  const [, major, minor] = /^cpython-(\d)(\d+)/.exec(tag) ?? []
  return major === undefined ? tag : `Python ${major}.${minor} (${tag})`
}

function otherNode(wanted: string, here: string, where: Where | undefined): Problem {
  const message = `its node_modules are compiled for Node ABI ${wanted}, the Node here has ABI ${here}`
  const fix = 'Make the release again with the mfserv that is here, or install it with the mfserv that it was made with.'
  return new Problem('RELEASE_NEEDS', message, fix, where)
}

function otherPlatform(wanted: Platform, here: Platform, where: Where | undefined): readonly Problem[] {
  if (wanted.os !== here.os || wanted.arch !== here.arch) {
    const message = `it has parts compiled for ${wanted.os} on ${wanted.arch}, here is ${here.os} on ${here.arch}`
    return [new Problem('RELEASE_NEEDS', message, 'Make the release again on a machine like this one.', where)]
  }
  if (wanted.glibc === undefined || (here.glibc !== undefined && compareVersions(wanted.glibc, here.glibc) <= 0)) return []
  const message = `it has parts compiled for glibc ${wanted.glibc}, here is ${here.glibc === undefined ? 'none' : `glibc ${here.glibc}`}`
  return [new Problem('RELEASE_NEEDS', message, 'Make the release again on a machine as old as this one.', where)]
}

/** The needs of several parts together. Of two glibcs the newer one counts. */
export function mergeNeeds(all: readonly Needs[]): Needs {
  const merged: Needs = Object.assign({}, ...all)
  const glibc = newest(all.flatMap((needs) => needs.platform?.glibc ?? []))
  const { platform } = merged
  return platform === undefined || glibc === undefined ? merged : { ...merged, platform: { ...platform, glibc } }
}

function newest(versions: readonly string[]): string | undefined {
  return [...new Set(versions)].sort(compareVersions).at(-1)
}

/** Below 0 when `one` is the older; by numbers, not by letters. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** For people, in one line; what needs nothing runs anywhere. */
export function describeNeeds({ python3, python3Version, python2, node, nodeVersion, platform }: Needs): string {
  const parts = [
    ...(python3Version === undefined ? [] : [`Python ${python3Version.requires}`]),
    ...[python3, python2].flatMap((python) => (python === undefined ? [] : [pythonName(python.tag)])),
    ...(nodeVersion === undefined ? [] : [`Node ${nodeVersion.asks}`]),
    ...(node === undefined ? [] : [`Node ABI ${node.abi}`]),
    ...(platform === undefined
      ? []
      : [`${platform.os} on ${platform.arch}${platform.glibc === undefined ? '' : ` with glibc ${platform.glibc} or newer`}`]),
  ]
  return parts.length === 0 ? 'nothing of the machine' : parts.join(', ')
}
